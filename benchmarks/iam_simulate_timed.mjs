// Times another public evaluator, @cloud-copilot/iam-simulate, on the simulations of a file.
//
// The package (AGPL-3.0) is no part of this repository: it is installed into a cache folder, named by the first argument,
// and runs in this process of its own. The second argument is a file of {id, simulation} lines. Every simulation runs once
// untimed, so that its data is loaded and the code compiled. What it refuses as no question is left out; so many of the
// others as the third argument says run as often as the fourth says, timed: CPU seconds of the whole process. On stdout one
// JSON object: `answers` by id and `refused` reasons, the `timed` ids, and the seconds of each round.
//
// It is asked by the door that looks at the policies first. The other, `runUnsafeSimulation`, fails on a resource policy.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [, , folder, file, most, rounds] = process.argv
const require = createRequire(folder + '/')
const { runSimulation } = require('@cloud-copilot/iam-simulate')
const asked = readFileSync(file, 'utf-8').trim().split('\n').map((line) => JSON.parse(line))

const ask = (simulation) => runSimulation(simulation, { simulationMode: 'Strict' })
const seconds = async (work) => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
const answers = {}
const refused = {}
const answer = async ({ id, simulation }) => {
  try {
    const found = await ask(simulation)
    if (found.resultType === 'error') refused[id] = found.errors.message
    else answers[id] = found.overallResult
  } catch (error) {
    refused[id] = String(error)
  }
}
const load = await seconds(async () => {
  for (const row of asked) await answer(row)
})
const some = asked.filter(({ id }) => id in answers).slice(0, Number(most))
const rounded = []
for (let round = 0; round < Number(rounds); round++) {
  rounded.push(
    await seconds(async () => {
      for (const { simulation } of some) await ask(simulation)
    })
  )
}
const timed = some.map(({ id }) => id)
process.stdout.write(JSON.stringify({ answers, refused, timed, load, rounds: rounded }) + '\n')
