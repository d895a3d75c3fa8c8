// title: Sensitive and exposed
// question: Which assets of known sensitivity do more identities reach than a number?
// parameter: sensitivity number, the least sensitivity, 0 to 10
// parameter: identities number, reached by more than so many
// columns: kind, name, sensitivity, identities, everyone, id
MATCH (asset:Entity) WHERE asset.worth >= $sensitivity AND asset.exposed_to > $identities
RETURN asset.label AS kind, asset.name AS name, asset.worth AS sensitivity, asset.exposed_to AS identities,
       asset.exposed_public AS everyone, asset.id AS id
ORDER BY sensitivity DESC, identities DESC, id;
