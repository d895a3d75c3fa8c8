// title: Open findings
// question: On which assets are the most findings open?
// parameter: most number, how many to list
// columns: kind, name, findings, identities, id
MATCH (asset:Entity) WHERE asset.open_findings > 0
RETURN asset.label AS kind, asset.name AS name, asset.open_findings AS findings, asset.exposed_to AS identities, asset.id AS id
ORDER BY findings DESC, id LIMIT $most;
