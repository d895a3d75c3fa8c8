// title: Who vouches for whom
// question: Which identity providers let their users take on which identities?
// columns: provider, kind, name, id
MATCH (provider:IdentityProvider)-[:VOUCHES_FOR]->(identity:Entity)
RETURN provider.name AS provider, identity.label AS kind, identity.name AS name, identity.id AS id
ORDER BY provider, kind, name, id;
