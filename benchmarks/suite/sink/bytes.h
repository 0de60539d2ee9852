/* Growing byte buffers, and the clock. */
#ifndef BALEEN_BYTES_H
#define BALEEN_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bytes {
  uint8_t *data;
  size_t start, length, capacity;
};

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* Seconds of CLOCK_MONOTONIC, which is also the clock of Node's performance.now() and hrtime. */
static inline double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Room for so many bytes more at the end; what was taken from the front is used again. */
static inline uint8_t *bytes_reserve(struct bytes *b, size_t more) {
  if (b->length == 0) b->start = 0;
  if (b->start + b->length + more > b->capacity) {
    if (b->start > 0) memmove(b->data, b->data + b->start, b->length);
    b->start = 0;
    if (b->length + more > b->capacity) {
      b->capacity = (b->length + more) * 2;
      b->data = realloc(b->data, b->capacity);
      if (b->data == NULL) die("realloc");
    }
  }
  return b->data + b->start + b->length;
}

static inline void bytes_add(struct bytes *b, const void *from, size_t length) {
  memcpy(bytes_reserve(b, length), from, length);
  b->length += length;
}

static inline void bytes_take(struct bytes *b, size_t length) {
  b->start += length;
  b->length -= length;
}

#endif
