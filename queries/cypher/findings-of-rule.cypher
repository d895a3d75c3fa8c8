// title: Findings of a rule
// question: Which assets does a rule find fault with?
// parameter: rule text, the id of the rule, e.g. sh-001
// columns: kind, name, status, finding
MATCH (finding:Finding {rule: $rule})-[:ABOUT]->(asset:Entity)
WHERE finding.status <> 'gone'
RETURN asset.label AS kind, asset.name AS name, finding.status AS status, finding.id AS finding
ORDER BY kind, name, finding;
