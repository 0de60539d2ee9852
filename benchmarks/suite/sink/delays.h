/* When a reply is due: at once, after a known delay, and never while the sink is stopped. */
#ifndef BALEEN_DELAYS_H
#define BALEEN_DELAYS_H

#include "bytes.h"

/* Of the replies a share of `slow_ratio` takes `slow_s`, all others `delay_s`. */
struct delays {
  double delay_s, slow_s, slow_ratio;
  double stall_every_s, stall_for_s;
};

/* A message's reply that waits. Those of one connection leave in order, as HTTP asks. */
struct waiting {
  double due_s;
  int fd;
  unsigned generation;
  size_t length, first_record, records;
};

struct heap {
  struct waiting *all;
  size_t count, capacity;
};

static void heap_push(struct heap *h, struct waiting item) {
  if (h->count == h->capacity) {
    h->capacity = h->capacity ? h->capacity * 2 : 1024;
    h->all = realloc(h->all, h->capacity * sizeof *h->all);
    if (h->all == NULL) die("realloc");
  }
  size_t i = h->count++;
  for (; i > 0 && h->all[(i - 1) / 2].due_s > item.due_s; i = (i - 1) / 2) h->all[i] = h->all[(i - 1) / 2];
  h->all[i] = item;
}

static struct waiting heap_pop(struct heap *h) {
  struct waiting first = h->all[0], last = h->all[--h->count];
  size_t i = 0;
  for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
    if (child + 1 < h->count && h->all[child + 1].due_s < h->all[child].due_s) child++;
    if (last.due_s <= h->all[child].due_s) break;
    h->all[i] = h->all[child];
  }
  h->all[i] = last;
  return first;
}

/* splitmix64 of the reply's number: the same replies are slow in every run. */
static double delay_of(const struct delays *d, uint64_t number) {
  if (d->slow_ratio == 0) return d->delay_s;
  uint64_t z = (number + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  z ^= z >> 31;
  return (z >> 11) * 0x1.0p-53 < d->slow_ratio ? d->slow_s : d->delay_s;
}

#endif
