/*
 * wrk2's method, since no registry has the program: each connection has its share of the rate and one request under
 * way, waits in whole milliseconds, sends at twice its pace while it is behind, and counts latency from when the
 * request should have been sent.
 *
 *     paced-connections --rate 1000 --seconds 10 --connections 50 --port 26657
 *
 * Prints latencies as wrk2 does (-L).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <poll.h>

#include "requests.h"

struct paced {
  int fd, under_way;
  long sent, sent_when_behind; /* the second: when it fell behind, -1 while it is on pace */
  double start_s, behind_since_s;
};

static double rate = 1000, seconds = 10;
static int connections = 50;

static double due_of(const struct paced *c) { return c->start_s + c->sent * connections / rate; }

/* When it sends its next request: when that is due or, once it is behind, at twice its pace. */
static double next_send(struct paced *c, double now_s) {
  double due_s = due_of(c);
  if (due_s > now_s) {
    c->sent_when_behind = -1;
    return due_s;
  }
  if (c->sent_when_behind < 0) c->sent_when_behind = c->sent, c->behind_since_s = now_s;
  return c->behind_since_s + (c->sent - c->sent_when_behind) * connections / (2 * rate);
}

int main(int argc, char **argv) {
  struct load load = {.rate = rate, .seconds = seconds, .connections = connections};
  read_load(argc, argv, &load);
  rate = load.rate, seconds = load.seconds, connections = load.connections;
  long count = (long)(rate * seconds), ended = 0, number = 0;
  struct paced *all = calloc(connections, sizeof *all);
  struct pollfd *polled = calloc(connections, sizeof *polled);
  double *latency_ms = calloc(count + 1, sizeof *latency_ms);
  if (count < 1 || all == NULL || polled == NULL || latency_ms == NULL) return 2;
  size_t id = 0;
  struct bytes request = build_request(&id);
  for (int i = 0; i < connections; i++) all[i].fd = polled[i].fd = connect_to(load.port), polled[i].events = POLLIN;
  double start_s = now_seconds() + 0.01;
  for (int i = 0; i < connections; i++) all[i].start_s = start_s + i / rate, all[i].sent_when_behind = -1;
  while (ended < count) {
    double now_s = now_seconds(), earliest_s = INFINITY;
    for (int i = 0; i < connections; i++) {
      struct paced *c = &all[i];
      if (c->under_way || due_of(c) >= start_s + seconds) continue;
      double at_s = next_send(c, now_s);
      if (at_s > now_s) {
        if (at_s < earliest_s) earliest_s = at_s;
        continue;
      }
      patch_id(&request, id, number++);
      if (send(c->fd, request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) die("send");
      c->under_way = 1;
    }
    int wait_ms = earliest_s == INFINITY ? 1000 : (int)ceil((earliest_s - now_s) * 1000);
    if (poll(polled, connections, wait_ms) <= 0) continue;
    now_s = now_seconds();
    for (int i = 0; i < connections; i++) {
      static char reply[4096];
      if (!(polled[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      ssize_t got = recv(all[i].fd, reply, sizeof reply, MSG_DONTWAIT);
      if (got == 0) die("the server hung up");
      /* A reply of the sink's ends with its body's last brace, and comes whole. */
      if (got < 0 || reply[got - 1] != '}' || !all[i].under_way) continue;
      if (ended < count) latency_ms[ended++] = (now_s - due_of(&all[i])) * 1000;
      all[i].under_way = 0;
      all[i].sent++;
    }
  }
  qsort(latency_ms, count, sizeof *latency_ms, compare_doubles);
  static const double percents[] = {50, 90, 99, 99.9};
  for (int i = 0; i < 4; i++) printf("%7.3f%% %10.3fms\n", percents[i], latency_ms[(long)ceil(percents[i] / 100 * count) - 1]);
  return 0;
}
