# Numbered events and audit records, one JSON object each, as lines for a person. For `jq -n`, with:
#   $colour  true: ANSI colours
#   $width   columns of the terminal; 0: lines are never cut

def paint($code): if $colour then "\u001b[\($code)m\(.)\u001b[0m" else . end;

# Columns of one code point, near enough for names: accents 0, CJK and emoji 2.
def columns:
  if . < 768 then 1
  elif (. <= 879) or (. >= 8203 and . <= 8207) or (. >= 65024 and . <= 65039)
    or (. >= 127995 and . <= 127999) or . == 3633 or (. >= 3636 and . <= 3642)
    or (. >= 3655 and . <= 3662) or . == 2305 or . == 2306 or . == 2381
    or (. >= 2369 and . <= 2376) then 0
  elif (. >= 4352 and . <= 4447) or (. >= 11904 and . <= 42191) or (. >= 44032 and . <= 55203)
    or (. >= 63744 and . <= 64255) or (. >= 65281 and . <= 65376)
    or (. >= 127744 and . <= 129791) then 2
  else 1 end;

def text_width: reduce (explode[] | columns) as $n (0; . + $n);

# No control character reaches the terminal, whatever an event holds.
def clean: explode | map(if . < 32 or (. >= 127 and . < 160) then 32 else . end) | implode;

def cut($room):
  if $room < 8 or text_width <= $room then .
  else (reduce explode[] as $c ({used: 0, kept: []};
         ($c | columns) as $n
         | .used += $n
         | if .used < $room then .kept += [$c] else . end)
       | .kept | implode) + "…"
  end;

def padded($n): . + ($n - length | if . > 0 then . * " " else "" end);
def words: gsub("(?<upper>[A-Z])"; " " + (.upper | ascii_downcase));
def short_id: .[0:4] + "…";
def range_of: if .from == .to then "#\(.from)" else "#\(.from) to #\(.to)" end;
def plural($n; $word): "\($n) \($word)" + (if $n == 1 then "" else "s" end);

def agent: first(.participants[]? | select(.purpose == "agent") | .name) // null;
def customer: first(.participants[]? | select(.purpose == "customer") | .name) // "somebody";

def conversation_text:
  if .action == "connected" then "connected to \(agent // "an agent")"
  elif .action == "queued" then "queued for \(customer)"
  elif .action == "started" then "started by \(customer)"
  else .action end;

def participant_text:
  .state as $state
  | .participants[0] | "\(.purpose) \(.name // "") \($state)";

def annotation_text:
  if .wrapUp then "wrap-up: \(.wrapUp.code)"
  elif .kind == "sentiment" then "sentiment \(.sentiment.label)"
  else "\(.kind): “\(.text)”" end;

def narrow: $width > 0 and $width < 110;

def event_text:
  if .eventType == "routing:queue:member" then
    "\(.member.name) \(.action) \(.queue.name), \(.statistics.waiting) waiting"
  else
    (if narrow then "" else "conversation " end) + "\((.conversationId // "?") | short_id) "
    + (if .eventType == "interaction:conversation" then conversation_text
       elif .eventType == "interaction:participant" then participant_text
       elif .eventType == "interaction:media" then
         "\(.action | words), \(.media.codec), MOS \(.quality.mos)"
       elif .eventType == "interaction:annotation" then annotation_text
       else (.action // "") end)
    + " (\(.queue.name))"
  end;

# [colour, text] of an audit record.
def told:
  if .type == "connection_open" then ["1;32", "OPEN      connected to \(.host)"]
  elif .type == "subscription_sent" then
    if .sequenceNumber then ["1;36", "RESUME    subscribed, from after #\(.sequenceNumber)"]
    else ["1;36", "SUBSCRIBE from the newest event on"] end
  elif .type == "connection_closed" then
    if .initiator == "client" then ["36", "CLOSED    by us (\(.code)): \(.reason)"]
    else ["1;31", "CUT       connection lost (\(.code))"] end
  elif .type == "connection_error" then ["31", "ERROR     \(.error)"]
  elif .type == "scheduling_reconnect" then
    if .delayMs == 0 then ["33", "RECONNECT at once (\(.cause))"]
    else ["33", "RECONNECT in \(.delayMs) ms, attempt \(.attempt) (\(.cause))"] end
  elif .type == "sequence_gap_detected" then
    ["1;33", "GAP       #\(.received) came instead of #\(.expected), \(.missing) missing"]
  elif .type == "sequence_gap_filled" then ["1;32", "FILLED    \(range_of) came after all"]
  elif .type == "events_lost" then
    ["1;37;41", "LOST      \(range_of): \(plural(.count; "event")), \(.cause)"]
  elif .type == "metrics" then
    ["34", "METRICS   \(plural(.messageCount; "event")), \(.throughputEps)/s, latency \(.latencyMs) ms"]
  elif .type == "token_acquired" or .type == "token_refreshed" then
    ["36", "TOKEN     good for \(.expiresIn) s"]
  elif .type == "daemon_started" then ["36", "START     gcstreamd \(.version)"]
  elif .type == "daemon_stopping" then ["36", "STOP      \(.signal)"]
  else ["35", (del(.ts, .stream, .type, .n, .hash) | tojson)] end;

def type_columns: if narrow then 12 else 24 end;

def event_line:
  (.timestamp // "")[11:19] as $time
  | (if narrow then .eventType | split(":") | last else .eventType end) as $type
  | ($time | paint("2")) + "  event  "
    + ("#\(.sequenceNumber // "-")" | padded(6) | paint("36")) + "  "
    + ($type | padded(type_columns) | paint("2")) + "  "
    + (event_text | clean | cut(if $width == 0 then 100000 else $width - 27 - type_columns end));

def audit_line:
  told as [$code, $text]
  | (.ts[11:19] | paint("2")) + "  " + ("audit" | paint($code)) + "  "
    + (if narrow then "" else (.type | padded(32) | paint("2")) + "  " end)
    + ($text | clean | cut(if $width == 0 then 100000 elif narrow then $width - 17 else $width - 51 end)
       | paint($code));

# The two files arrive each in its own time; the audit log knows the order. So its lines wait here
# for the events that they speak of.
def is_event: has("type") | not;
def is_ready($events): .type != "event_received" or $events["\(.sequenceNumber)"] != null;

foreach inputs as $one ({events: {}, waiting: []};
  if $one | is_event then .events["\($one.sequenceNumber)"] = $one else .waiting += [$one] end
  | .lines = []
  | until(.events as $events | .waiting == [] or (.waiting[0] | is_ready($events) | not);
      .waiting[0] as $record
      | if $record.type == "event_received" then
          .lines += [.events["\($record.sequenceNumber)"] | event_line]
          | del(.events["\($record.sequenceNumber)"])
        else .lines += [$record | audit_line] end
      | .waiting |= .[1:]);
  .lines[])
