/* From a connection's bytes to the bytes of the replies: HTTP/1.1 with pipelining, WebSocket, replies that wait. */
#ifndef BALEEN_MESSAGES_H
#define BALEEN_MESSAGES_H

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "answers.h"
#include "delays.h"
#include "websocket.h"

enum { read_bytes = 256 * 1024, most_fds = 65536, most_head_bytes = 8192 };

struct connection {
  /* finishing: the other side has sent its last byte, and waits for replies. */
  int fd, websocket, closing, finishing;
  unsigned generation;
  struct bytes in, out, held;
  double last_due_s;
  struct hints hints;
  /* The head of the request before, and what it said: most are the same again. */
  uint8_t head[512];
  size_t head_length, body_length;
};

static struct connection *connections[most_fds];
static struct delays delays;
static struct heap heap;
static struct record record;
static struct answering answering;
static struct bytes reply, scratch;
static uint64_t messages, accepted, refused;
static int epoll_fd, is_delayed, is_spinning;
static unsigned generations;
static double first_arrival_s = -1;

static void watch(struct connection *c, int events) {
  struct epoll_event event = {.events = events, .data.fd = c->fd};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

/* Writes these bytes; what the socket does not take waits, and nothing more is read until it has gone. */
static int send_all(struct connection *c, const uint8_t *data, size_t length) {
  if (c->out.length > 0) return bytes_add(&c->out, data, length), 0;
  ssize_t sent = send(c->fd, data, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return -1;
  if (sent < 0) sent = 0;
  if ((size_t)sent < length) {
    bytes_add(&c->out, data + sent, length - sent);
    watch(c, EPOLLOUT);
  }
  return 0;
}

static void add_head(struct bytes *out, const char *status, size_t length) {
  uint8_t *at = bytes_reserve(out, 256);
  out->length += sprintf((char *)at, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, length);
}

/* Puts a message's reply where it belongs: into this turn's bytes, or among those that wait. */
static void reply_to(struct connection *c, const uint8_t *body, size_t length) {
  size_t first = record.count, before = reply.length;
  uint64_t number = messages++;
  scratch.length = 0;
  size_t answered = answer(&answering, &c->hints, body, length, &scratch);
  if (c->websocket) {
    if (answered == 0) return;
    websocket_head(&reply, 1, answered);
  } else {
    if (answered == 0) bytes_add(&scratch, "{\"jsonrpc\":\"2.0\",\"id\":-1,\"result\":{}}", 37);
    add_head(&reply, "200 OK", scratch.length);
  }
  bytes_add(&reply, scratch.data + scratch.start, scratch.length);
  if (!is_delayed) return;
  double due_s = answering.arrived_s + delay_of(&delays, number);
  if (due_s < c->last_due_s) due_s = c->last_due_s;
  c->last_due_s = due_s;
  size_t size = reply.length - before;
  bytes_add(&c->held, reply.data + reply.start + before, size);
  reply.length = before;
  heap_push(&heap, (struct waiting){due_s, c->fd, c->generation, size, first, record.count - first});
}

/* Reads what a request's head says. Returns its length with the empty line, 0 where it is not all there, -1 refused. */
static long read_head(struct connection *c, uint8_t *p, size_t have) {
  if (c->head_length > 0 && have >= c->head_length && memcmp(p, c->head, c->head_length) == 0) return c->head_length;
  uint8_t *end = memmem(p, have < most_head_bytes ? have : most_head_bytes, "\r\n\r\n", 4);
  if (end == NULL) return have < most_head_bytes ? 0 : -1;
  size_t length = end + 4 - p;
  end[3] = 0;
  char *text = (char *)p, *field = strcasestr(text, "\r\ncontent-length:"), *key = strcasestr(text, "\r\nsec-websocket-key:");
  int chunked = strcasestr(text, "\r\ntransfer-encoding:") != NULL;
  c->body_length = field == NULL ? 0 : strtoul(field + 17, NULL, 10);
  char accept[29];
  if (key != NULL) {
    key += 20;
    while (*key == ' ') key++;
    if (strlen(key) < 24) return -1;
    websocket_accept(key, accept);
  }
  end[3] = '\n';
  if (chunked) return -1;
  if (key != NULL) {
    bytes_reserve(&reply, 256);
    reply.length += sprintf((char *)reply.data + reply.start + reply.length,
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    c->websocket = 1;
  }
  c->head_length = length <= sizeof c->head ? length : 0;
  memcpy(c->head, p, c->head_length);
  return (long)length;
}

/* Takes one message from the front. Returns its length, 0 where it is not all there. */
static size_t take_message(struct connection *c, uint8_t *p, size_t have) {
  if (c->websocket) {
    struct frame frame;
    long length = websocket_frame(p, have, &frame);
    if (length < 0 || (length > 0 && frame.opcode == 8)) {
      if (length < 0) refused++;
      websocket_head(&reply, 8, 0);
      c->closing = 1;
      return have;
    }
    if (length > 0 && frame.opcode == 1) reply_to(c, frame.payload, frame.length);
    if (length > 0 && frame.opcode == 9) {
      websocket_head(&reply, 10, frame.length);
      bytes_add(&reply, frame.payload, frame.length);
    }
    return length;
  }
  long head = read_head(c, p, have);
  if (head < 0) {
    refused++;
    add_head(&reply, "411 Length Required", 0);
    c->closing = 1;
    return have;
  }
  if (head == 0 || c->websocket) return head;
  if (have < head + c->body_length) return 0;
  reply_to(c, p + head, c->body_length);
  return head + c->body_length;
}

#endif
