// Histogram: finds the bucket of a duration, and the duration of a share.

#include "histogram.h"

static uint32_t bucket_of(uint64_t duration_ns) {
  const uint64_t longest = (1ULL << kDurationBits) - 1;
  const uint64_t value = duration_ns < longest ? duration_ns : longest;
  if (value >> kMantissaBits == 0) return (uint32_t)value;
  const uint32_t shift = 63U - (uint32_t)__builtin_clzll(value) - kMantissaBits;
  return (shift << kMantissaBits) + (uint32_t)(value >> shift);
}

static double middle_ns(uint32_t bucket) {
  if (bucket >> kMantissaBits == 0) return bucket;
  const uint32_t shift = (bucket >> kMantissaBits) - 1;
  const uint64_t mantissa = bucket - (shift << kMantissaBits);
  return (double)(mantissa << shift) + (double)((1ULL << shift) - 1) / 2;
}

void histogram_add(struct histogram* histogram, uint64_t duration_ns) {
  ++histogram->count;
  ++histogram->buckets[bucket_of(duration_ns)];
  if (duration_ns > histogram->max_ns) histogram->max_ns = duration_ns;
}

double histogram_us(const struct histogram* histogram, double share) {
  const double wanted = share * (double)histogram->count;
  uint64_t seen = 0;
  for (uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += histogram->buckets[bucket];
    if (seen > 0 && (double)seen >= wanted) return middle_ns(bucket) / 1000;
  }
  return 0;
}
