// title: Changed in a run
// question: What did a run add, change and remove?
// parameter: run number, the number of a run
// columns: family, change, rows
MATCH (change:Change {run: $run})
RETURN change.family AS family, change.op AS change, count(change) AS rows
ORDER BY family, change;
