// title: What a key opens
// question: What is encrypted by a key?
// parameter: id id, the id of the key
// columns: kind, name, id
MATCH (asset:Entity)-[:ENCRYPTED_BY]->(:Key {id: $id})
RETURN asset.label AS kind, asset.name AS name, asset.id AS id
ORDER BY kind, name, id;
