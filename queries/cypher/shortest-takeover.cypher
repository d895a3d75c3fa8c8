// title: Shortest takeover
// question: How many moves lead from one identity to control of another identity or asset, at the least?
// parameter: from id, the id of the identity that was taken
// parameter: to id, the id of what is to be taken
// columns: capability, moves
MATCH (:Entity {id: $from})-[:STATE]->(start:State {entry: true})
MATCH (:Entity {id: $to})-[:STATE]->(goal:State)
WHERE goal.capability IN ['CONTROL', 'ADMIN'] AND start <> goal
MATCH way = shortestPath((start)-[:MOVE*..20]->(goal))
RETURN goal.capability AS capability, length(way) AS moves
ORDER BY moves, capability;
