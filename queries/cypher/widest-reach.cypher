// title: Widest reach
// question: Which identities reach the most assets?
// parameter: most number, how many to list
// columns: kind, name, account, assets, sensitivity, id
MATCH (identity:Entity) WHERE identity.reach_assets > 0
RETURN identity.label AS kind, identity.name AS name, identity.account AS account, identity.reach_assets AS assets,
       identity.reach_sensitivity AS sensitivity, identity.id AS id
ORDER BY assets DESC, sensitivity DESC, id LIMIT $most;
