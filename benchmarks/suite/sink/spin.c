/*
 * The machine's floor for pacing: a loop that reads the clock until a transaction is due, and then sends it (--port),
 * or only stamps it. What it is late by is the machine's doing: interrupts, the hypervisor, other processes.
 *
 *     spin --rate 10000 --seconds 10 [--port 26657]
 *
 * Prints a line of JSON: what was sent, and its lateness.
 */
#define _GNU_SOURCE

#include "requests.h"

int main(int argc, char **argv) {
  struct load load = {.rate = 10000, .seconds = 10};
  read_load(argc, argv, &load);
  double rate = load.rate, seconds = load.seconds;
  long count = (long)(rate * seconds);
  if (count < 1) return fprintf(stderr, "spin: nothing is due at this rate in this time\n"), 2;
  double *lateness_us = malloc(count * sizeof *lateness_us);
  if (lateness_us == NULL) die("malloc");
  memset(lateness_us, 0, count * sizeof *lateness_us);
  size_t id = 0;
  struct bytes request = build_request(&id);
  int fd = load.port == 0 ? -1 : connect_to(load.port);
  static char replies[65536];
  double start_s = now_seconds() + 0.05;
  for (long i = 0; i < count; i++) {
    double due_s = start_s + i / rate, now_s;
    patch_id(&request, id, i);
    while ((now_s = now_seconds()) < due_s) {}
    lateness_us[i] = (now_s - due_s) * 1e6;
    if (fd < 0) continue;
    if (send(fd, request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) die("send");
    if (recv(fd, replies, sizeof replies, MSG_DONTWAIT) == 0) die("the server hung up");
  }
  double took_s = now_seconds() - start_s;
  qsort(lateness_us, count, sizeof *lateness_us, compare_doubles);
  printf("{\"sent\":%ld,\"seconds\":%.9f,\"latenessUs\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n", count, took_s,
         lateness_us[count / 2], lateness_us[count * 99 / 100], lateness_us[count * 999 / 1000], lateness_us[count - 1]);
  if (fd < 0) return 0;
  /* What is still unanswered is waited for, so that the server sees no reset. */
  shutdown(fd, SHUT_WR);
  while (recv(fd, replies, sizeof replies, 0) > 0) {}
  return 0;
}
