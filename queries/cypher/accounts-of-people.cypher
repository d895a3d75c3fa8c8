// title: Accounts of people
// question: Which people have more than one account?
// columns: person, accounts, id
MATCH (person:Person)-[:HAS_ACCOUNT]->(account:Entity)
WITH person, count(DISTINCT account) AS accounts WHERE accounts > 1
RETURN person.name AS person, accounts, person.id AS id
ORDER BY accounts DESC, id;
