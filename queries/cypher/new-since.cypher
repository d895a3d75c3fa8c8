// title: New since a run
// question: What came with a later run than this one?
// parameter: run number, the number of a run
// columns: kind, name, run, id
MATCH (entity:Entity) WHERE entity.first_run > $run AND NOT entity.label IN ['Grant', 'AssetSet', 'Revocable', 'PrincipalClass']
RETURN entity.label AS kind, entity.name AS name, entity.first_run AS run, entity.id AS id
ORDER BY run, kind, name, id;
