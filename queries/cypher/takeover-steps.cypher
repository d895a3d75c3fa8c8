// title: Steps of a takeover
// question: By which kinds of moves does a shortest way lead from one identity to control of another?
// parameter: from id, the id of the identity that was taken
// parameter: to id, the id of what is to be taken
// columns: steps
MATCH (:Entity {id: $from})-[:STATE]->(start:State {entry: true})
MATCH (:Entity {id: $to})-[:STATE]->(goal:State {capability: 'CONTROL'})
WHERE start <> goal
MATCH way = allShortestPaths((start)-[:MOVE*..12]->(goal))
WITH [step IN relationships(way) | step.kind] AS steps
RETURN DISTINCT steps
ORDER BY steps
LIMIT 100;
