// Asks another public evaluator, @cloud-copilot/iam-simulate, what it makes of decision rows.
//
// The package (AGPL-3.0) is no part of this repository: it is installed into a cache folder, named by the first argument,
// and runs in this process of its own. One JSON object per line on stdin, {id, mode, simulation}; one per line on stdout,
// {id, result, ignored, keys} or {id, error}. `ignored` are context keys that it does not take for this action, `keys` the
// condition keys that it left open.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(process.argv[2] + '/')
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const keysIn = (value) =>
  value === null || typeof value !== 'object'
    ? []
    : [...(typeof value.key === 'string' ? [value.key] : []), ...Object.values(value).flatMap(keysIn)]

for await (const line of createInterface({ input: process.stdin })) {
  const { id, mode, simulation } = JSON.parse(line)
  let answer
  try {
    const found = await runSimulation(simulation, { simulationMode: mode })
    answer =
      found.resultType === 'single'
        ? {
            id,
            result: found.overallResult,
            ignored: found.result.ignoredContextKeys ?? [],
            keys: keysIn(found.result.analysis.ignoredConditions ?? {})
          }
        : { id, error: found.errors ? JSON.stringify(found.errors) : found.resultType }
  } catch (error) {
    answer = { id, error: String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
