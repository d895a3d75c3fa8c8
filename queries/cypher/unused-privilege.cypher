// title: Unused privilege
// question: Which identities hold the most that they did not use, and would have been seen to?
// parameter: most number, how many to list
// columns: kind, name, granted, unused, not_observed, index, id
MATCH (identity:Entity) WHERE identity.unused > 0
RETURN identity.label AS kind, identity.name AS name, identity.granted AS granted, identity.unused AS unused,
       identity.not_observed AS not_observed, identity.privilege_index AS index, identity.id AS id
ORDER BY unused DESC, id LIMIT $most;
