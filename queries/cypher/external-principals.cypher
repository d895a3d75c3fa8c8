// title: Principals outside the estate
// question: Which principals from outside hold something, and how much?
// columns: name, breadth, grants, id
MATCH (outsider:External)-[:HOLDS]->(grant:Grant)
RETURN outsider.name AS name, outsider.breadth AS breadth, count(DISTINCT grant) AS grants, outsider.id AS id
ORDER BY grants DESC, id;
