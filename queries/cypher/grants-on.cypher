// title: Grants on an asset
// question: Which grants name an asset, by itself or in a set, and who holds them?
// parameter: id id, the id of the asset
// columns: kind, holder, how, capability, grant
MATCH (asset:Entity {id: $id})<-[:COVERS*0..1]-(set:Entity)<-[:ON]-(grant:Grant)<-[:HOLDS]-(holder:Entity)
RETURN DISTINCT holder.label AS kind, holder.name AS holder, grant.how AS how, grant.capability AS capability, grant.id AS grant
ORDER BY kind, holder, how, capability, grant;
