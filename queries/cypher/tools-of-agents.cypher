// title: What agents call
// question: Which functions, endpoints and agents does each agent call, directly or through others?
// columns: agent, kind, tool, id
MATCH (agent:Agent)-[:CALLS*1..4]->(tool:Entity)
RETURN DISTINCT agent.name AS agent, tool.label AS kind, tool.name AS tool, tool.id AS id
ORDER BY agent, kind, tool, id;
