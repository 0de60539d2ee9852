/*
 * A server that does nothing but answer: the measure of what a load generator can send. One thread, epoll, HTTP/1.1
 * with pipelining, JSON-RPC batches, WebSocket. Each request gets the reply of CometBFT's broadcast_tx_async at once,
 * or after a known delay. It takes whole bodies by Content-Length; chunked ones are refused (411).
 *
 * Prints "listening PORT"; on SIGUSR2 and at its end (SIGTERM, SIGINT, the parent's end) a line of JSON with its
 * totals. With --record it then writes, for each transaction, three raw doubles: struct row.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "messages.h"

static volatile sig_atomic_t asked, ended;

static void on_signal(int signal) {
  if (signal == SIGUSR2) asked = 1;
  else ended = 1;
}

static void print_totals(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  printf("{\"atMs\":%.6f,\"transactions\":%llu,\"messages\":%llu,\"connections\":%llu,\"refused\":%llu,\"recorded\":%zu,"
         "\"cpuMs\":%.3f}\n",
         now_seconds() * 1000, (unsigned long long)answering.transactions, (unsigned long long)messages,
         (unsigned long long)accepted, (unsigned long long)refused, record.count, cpu * 1000);
  fflush(stdout);
}

static void drop(struct connection *c) {
  connections[c->fd] = NULL;
  close(c->fd);
  free(c->in.data), free(c->out.data), free(c->held.data), free(c);
}

static void on_readable(struct connection *c) {
  uint8_t *into = bytes_reserve(&c->in, read_bytes);
  ssize_t got = recv(c->fd, into, read_bytes, 0);
  if (got == 0 && !c->finishing && c->held.length + c->out.length > 0) {
    c->finishing = 1;
    return watch(c, c->out.length > 0 ? EPOLLOUT : 0);
  }
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) drop(c);
    return;
  }
  answering.arrived_s = now_seconds();
  if (first_arrival_s < 0) first_arrival_s = answering.arrived_s;
  c->in.length += got;
  reply.length = 0;
  size_t first = record.count;
  while (c->in.length > 0 && !c->closing) {
    size_t taken = take_message(c, c->in.data + c->in.start, c->in.length);
    if (taken == 0) break;
    bytes_take(&c->in, taken);
  }
  if (reply.length > 0 && send_all(c, reply.data + reply.start, reply.length) < 0) c->closing = 1;
  if (!is_delayed && answering.record != NULL) record_replied(&record, first, now_seconds());
  if (c->closing) drop(c);
}

static void on_writable(struct connection *c) {
  ssize_t sent = send(c->fd, c->out.data + c->out.start, c->out.length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return drop(c);
  if (sent > 0) bytes_take(&c->out, sent);
  if (c->out.length > 0) return;
  watch(c, c->finishing ? 0 : EPOLLIN);
  if (c->finishing && c->held.length == 0) drop(c);
}

static void send_due(void) {
  while (heap.count > 0) {
    double now = now_seconds();
    if (heap.all[0].due_s > now) return;
    struct waiting due = heap_pop(&heap);
    struct connection *c = connections[due.fd];
    if (c == NULL || c->generation != due.generation) continue;
    int failed = send_all(c, c->held.data + c->held.start, due.length) < 0;
    bytes_take(&c->held, due.length);
    double replied_s = now_seconds();
    for (size_t i = 0; i < due.records && due.first_record + i < record.count; i++)
      record.rows[due.first_record + i].replied_s = replied_s;
    if (failed || (c->finishing && c->held.length + c->out.length == 0)) drop(c);
  }
}

/* Stops for a while, as a server does that collects garbage: nothing is read, nothing is sent. */
static void stall_if_due(void) {
  static double stalls = 1;
  if (delays.stall_every_s <= 0 || first_arrival_s < 0) return;
  double at_s = first_arrival_s + stalls * delays.stall_every_s;
  if (now_seconds() < at_s) return;
  stalls++;
  double until_s = at_s + delays.stall_for_s;
  struct timespec until = {(time_t)until_s, (long)((until_s - (time_t)until_s) * 1e9)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR && !ended) {}
}

static void accept_all(int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    struct connection *c = fd < most_fds ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    c->fd = fd;
    c->generation = ++generations;
    connections[fd] = c;
    accepted++;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  }
}

static int listen_on_loopback(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (listener < 0 || bind(listener, (void *)&address, size) < 0 || listen(listener, 4096) < 0) die("listen");
  getsockname(listener, (void *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void serve(int listener) {
  static struct epoll_event events[1024];
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  while (!ended) {
    int count = epoll_wait(epoll_fd, events, 1024, is_spinning ? 0 : 1000);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener);
      else if (connections[fd] == NULL) continue;
      else if (events[i].events & EPOLLOUT) on_writable(connections[fd]);
      else on_readable(connections[fd]);
    }
    send_due();
    stall_if_due();
    if (asked) asked = 0, print_totals();
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"port", 1, 0, 'p'},       {"record", 1, 0, 'r'},      {"most", 1, 0, 'm'},
                                          {"spin", 0, 0, 's'},       {"delay-ms", 1, 0, 'd'},    {"slow-ms", 1, 0, 'l'},
                                          {"slow-ratio", 1, 0, 'q'}, {"stall-every-s", 1, 0, 'e'}, {"stall-for-s", 1, 0, 'f'},
                                          {0}};
  int port = 0;
  double most = 1e6;
  const char *path = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'r': path = optarg; break;
      case 'm': most = atof(optarg); break;
      case 's': is_spinning = 1; break;
      case 'd': delays.delay_s = atof(optarg) / 1000, is_delayed = is_spinning = 1; break;
      case 'l': delays.slow_s = atof(optarg) / 1000; break;
      case 'q': delays.slow_ratio = atof(optarg); break;
      case 'e': delays.stall_every_s = atof(optarg), is_spinning = 1; break;
      case 'f': delays.stall_for_s = atof(optarg); break;
      default: return 2;
    }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (path != NULL) record_open(&record, path, (size_t)most), answering.record = &record;
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  serve(listen_on_loopback(port));
  record_write(&record);
  print_totals();
  return 0;
}
