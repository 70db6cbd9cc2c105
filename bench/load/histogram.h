// Histogram: how often each duration occurred, in buckets that grow with the duration.
//
// Log-linear: every power of two is cut into 128 equal buckets, so a bucket is never wider than 0.8
// % of what it holds. Nanoseconds up to 137 s; a longer one counts as that.

#pragma once

#include <stdint.h>

enum { kMantissaBits = 7, kDurationBits = 37 };
enum { kBuckets = (kDurationBits - kMantissaBits + 1) << kMantissaBits };

struct histogram {
  uint64_t count;
  uint64_t max_ns;
  uint64_t buckets[kBuckets];
};

void histogram_add(struct histogram* histogram, uint64_t duration_ns);

// The middle of the bucket that holds the duration at `share` (0 to 1) of all; 0 when empty.
double histogram_us(const struct histogram* histogram, double share);
