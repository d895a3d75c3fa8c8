// title: Notebooks with production data
// question: Which notebooks read datasets of production, within six moves, without being of production?
// parameter: environment text, the environment of the data, e.g. production
// columns: notebook, datasets, id
MATCH (notebook:Notebook {asset: true})-[:STATE]->(start:State {capability: 'CONTROL'})
WHERE coalesce(notebook.environment, '') <> $environment
MATCH (start)-[:MOVE*1..6]->(goal:State {capability: 'READ'})
WITH DISTINCT notebook, goal
MATCH (data:Dataset {environment: $environment})-[:STATE]->(goal)
RETURN notebook.name AS notebook, count(DISTINCT data) AS datasets, notebook.id AS id
ORDER BY datasets DESC, id;
