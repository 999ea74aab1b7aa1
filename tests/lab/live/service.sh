# windfall as a service on the gateway: one required host works, one is dropped; curl, promtool and a Prometheus scrape it.
DELAY_MS=9

AT=127.0.0.1:9477
SERVER=127.0.0.1:9090

# A page of windfall's, as curl on the gateway gets it.
page() { on gw curl -sS -m 5 "http://$AT$1" "${@:2}"; }

# What Prometheus answers to a query.
query() { on gw curl -sS -m 5 -G "http://$SERVER/api/v1/query" --data-urlencode "query=$1"; }

# The query gives one series, with this value.
gives() { query "$1" | grep -q "\"result\":\[{[^]]*,\"$2\"\]}\]"; }

start_prometheus() {
  cat > "$WORK/prometheus.yml" << CONFIG
global: {scrape_interval: 1s, scrape_timeout: 1s}
rule_files: [$LAB/../../packaging/prometheus/windfall.rules.yml]
scrape_configs:
  - job_name: windfall
    static_configs: [{targets: ["$AT"]}]
CONFIG
  mkdir -p "$WORK/tsdb"
  in_background gw prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/tsdb" \
    --web.listen-address="$SERVER"
  wait_until on gw curl -sf -m 2 "http://$SERVER/-/ready"
}

session() {
  start_watch --no-tui --format json --metrics "$AT" --metrics-per-client 1
  start_prometheus
  fault gw forward ip daddr 192.0.2.39 drop
  fetch c1 https://itunes.apple.com/
  fetch c2 https://itunes.apple.com/
  fetch c1 https://albert.apple.com/ -m 6

  page /healthz > "$OUT/healthz"
  wait_until gives 'up{job="windfall"}' 1
  wait_until gives 'windfall_requirement_status{requirement="albert.apple.com",status="failing"}' 1
  wait_until gives 'windfall_requirement_status{requirement="itunes.apple.com",status="ok"}' 1
  query '{job="windfall",__name__=~"windfall_.*"}' > "$OUT/prometheus.json"
  on gw curl -sS -m 5 "http://$SERVER/api/v1/rules" > "$OUT/rules.json"
  # Nothing goes on any more: what is scraped now is what the report says.
  wait_until settled
  page /metrics > "$OUT/metrics"
  page /metrics -H 'Accept: application/openmetrics-text; version=1.0.0' > "$OUT/openmetrics"
  promtool check metrics < "$OUT/metrics" > "$OUT/promtool" 2>&1
  stop_watch TERM
}

# No attempt is under way.
settled() { ! page /metrics | grep -q '^windfall_attempts_pending{.*} [1-9]'; }
