// title: Escalation techniques
// question: How many grants and holders does each escalation technique have?
// columns: technique, grants, holders
MATCH (holder:Entity)-[:HOLDS]->(grant:Grant) WHERE NOT grant.how CONTAINS ':'
RETURN grant.how AS technique, count(DISTINCT grant) AS grants, count(DISTINCT holder) AS holders
ORDER BY grants DESC, technique;
