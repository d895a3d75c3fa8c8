// title: Assets that outsiders reach
// question: Which assets do principals outside the estate reach?
// columns: kind, name, outsiders, everyone, id
MATCH (asset:Entity) WHERE asset.exposed_external > 0 OR asset.exposed_public
RETURN asset.label AS kind, asset.name AS name, asset.exposed_external AS outsiders, asset.exposed_public AS everyone,
       asset.id AS id
ORDER BY outsiders DESC, id;
