// What Segment::check() promises: a damaged segment of any kind is refused with a reason that names
// it.

#include "snapshot/segment.h"

#include "crypto/digest.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::to_bytes;

const std::vector<compile::SegmentFile>& files() {
  static const std::vector<compile::SegmentFile> kFiles =
      test::publish(test::full_world().catalog, 1).compiled.fresh;
  return kFiles;
}

SegmentRef sharded_ref_of(const compile::SegmentFile& file) {
  return {.kind = file.ref.kind,
          .shard = file.ref.shard,
          .shard_bits = 0,
          .bytes = file.ref.bytes,
          .digest = file.ref.digest};
}

// The check with a manifest that would name exactly these bytes: what is left is header, structure
// and meaning.
Checked<std::shared_ptr<const Segment>> check_named(SegmentRef ref, const std::string& file) {
  ref.bytes = file.size();
  ref.digest = crypto::sha256(std::string_view(file));
  return Segment::check(ref, to_bytes(file));
}

TEST(Segment, EveryKindIsReadAndAligned) {
  ASSERT_EQ(files().size(), 5U);
  for (const compile::SegmentFile& file : files()) {
    const auto segment = Segment::check(sharded_ref_of(file), to_bytes(file.bytes));
    ASSERT_TRUE(segment) << segment.error().reason;
    EXPECT_EQ(reinterpret_cast<uintptr_t>((*segment)->payload()) % layout::kPayloadAlignment, 0U);
  }
}

TEST(Segment, ContentThatIsNotWhatTheManifestNamedIsRefused) {
  for (const compile::SegmentFile& file : files()) {
    std::string changed = file.bytes;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    const auto segment = Segment::check(sharded_ref_of(file), to_bytes(changed));
    ASSERT_FALSE(segment);
    EXPECT_EQ(segment.error().code, FaultCode::SnapshotCorrupt);
    EXPECT_NE(segment.error().reason.find(to_text(file.ref.kind)), std::string::npos)
        << segment.error().reason;
  }
}

TEST(Segment, TruncationsAreRefusedEvenIfTheManifestNamesThem) {
  for (const compile::SegmentFile& file : files()) {
    for (size_t size = 0; size < file.bytes.size(); size += 64) {
      EXPECT_FALSE(check_named(sharded_ref_of(file), file.bytes.substr(0, size))) << size;
    }
    EXPECT_FALSE(check_named(sharded_ref_of(file), file.bytes.substr(0, file.bytes.size() - 1)));
    EXPECT_FALSE(check_named(sharded_ref_of(file), file.bytes + '\0'));
  }
}

TEST(Segment, FlippedBitsAreRefusedEvenIfTheManifestNamesThem) {
  for (const compile::SegmentFile& file : files()) {
    std::string changed = file.bytes;
    for (size_t bit = 0; bit < changed.size() * 8; bit += 7) {
      // The minor version may differ: fields are only appended.
      if (bit / 8 == 6 || bit / 8 == 7) continue;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      EXPECT_FALSE(check_named(sharded_ref_of(file), changed))
          << to_text(file.ref.kind) << " bit " << bit;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    }
  }
}

// Nothing but the meaning stands in the way here: header and hashes are made anew. Whatever passes
// must be harmless to read; the sanitizers watch.
TEST(Segment, PayloadsWithFlippedBitsNeverCrashTheCheck) {
  size_t refused = 0;
  size_t tried = 0;
  for (const compile::SegmentFile& file : files()) {
    std::string payload = file.bytes.substr(sizeof(layout::Header));
    for (size_t bit = 0; bit < payload.size() * 8; bit += 5) {
      payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ 1 << bit % 8);
      const compile::SegmentFile made =
          compile::make_segment(file.ref.kind, file.ref.shard, payload);
      refused += !Segment::check(sharded_ref_of(made), to_bytes(made.bytes)).has_value();
      ++tried;
      payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ 1 << bit % 8);
    }
  }
  EXPECT_GT(refused, tried / 3);
}

TEST(Segment, AFileOfAnotherKindIsRefused) {
  for (const compile::SegmentFile& file : files()) {
    SegmentRef ref = sharded_ref_of(file);
    ref.kind = file.ref.kind == layout::Kind::Keys ? layout::Kind::Apis : layout::Kind::Keys;
    EXPECT_FALSE(Segment::check(ref, to_bytes(file.bytes)));
  }
}

TEST(Segment, AShardInTheWrongPlaceIsRefused) {
  for (const compile::SegmentFile& file : files()) {
    if (file.ref.kind == layout::Kind::Routes || file.ref.kind == layout::Kind::Limits) continue;
    SegmentRef ref = sharded_ref_of(file);
    ref.shard = 1;
    ref.shard_bits = 1;
    const auto segment = Segment::check(ref, to_bytes(file.bytes));
    ASSERT_FALSE(segment) << to_text(file.ref.kind);
    EXPECT_EQ(segment.error().code, FaultCode::SnapshotMeaningless);
  }
}

}  // namespace
}  // namespace apim::snapshot
