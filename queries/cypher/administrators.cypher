// title: Administrators
// question: Which identities may grant themselves everything?
// columns: kind, name, account, id
MATCH (identity:Entity {administrator: true})
RETURN identity.label AS kind, identity.name AS name, identity.account AS account, identity.id AS id
ORDER BY kind, name, id;
