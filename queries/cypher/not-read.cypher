// title: What was not read
// question: Which calls were not answered, and what would let them be?
// columns: platform, scope, region, call, outcome, missing
MATCH (call:Coverage) WHERE call.outcome <> 'ok'
RETURN call.platform AS platform, call.scope AS scope, call.region AS region, call.call AS call, call.outcome AS outcome,
       call.missing_permission AS missing
ORDER BY platform, scope, region, call;
