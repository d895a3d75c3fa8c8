// title: Privilege that no log would show
// question: Of which identities would most of what they hold never show in a log that was read?
// parameter: most number, how many to list
// columns: kind, name, granted, not_observed, id
MATCH (identity:Entity) WHERE identity.not_observed > 0
RETURN identity.label AS kind, identity.name AS name, identity.granted AS granted, identity.not_observed AS not_observed,
       identity.id AS id
ORDER BY not_observed DESC, id LIMIT $most;
