// title: What agents know
// question: On which data do agents and endpoints ground their answers?
// columns: agent, kind, data, id
MATCH (agent:Entity)-[:GROUNDED_ON*1..3]->(data:Entity)
WHERE agent.label IN ['Agent', 'Endpoint']
RETURN DISTINCT agent.name AS agent, data.label AS kind, data.name AS data, data.id AS id
ORDER BY agent, kind, data, id;
