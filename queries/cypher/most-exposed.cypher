// title: Most exposed assets
// question: Which assets do the most identities reach?
// parameter: most number, how many to list
// columns: kind, name, account, identities, sensitivity, id
MATCH (asset:Entity) WHERE asset.exposed_to > 0
RETURN asset.label AS kind, asset.name AS name, asset.account AS account, asset.exposed_to AS identities,
       asset.worth AS sensitivity, asset.id AS id
ORDER BY identities DESC, id LIMIT $most;
