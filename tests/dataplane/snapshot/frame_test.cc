// What the frame's check promises: each field of the header is held to its word.

#include "snapshot/frame.h"

#include "support_hub.h"

namespace apim::snapshot {
namespace {

const std::string kPayload = "0123456789abcdef0123456789abcdef";

std::string framed(const std::string& payload) {
  const layout::Header header = compile::header_for(layout::Kind::Keys, payload);
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + payload;
}

FaultCode check(const std::string& file, layout::Kind kind = layout::Kind::Keys,
                size_t tail_bytes = 0) {
  const Bytes bytes = test::to_bytes(file);
  const auto payload = check_frame(bytes.view(), kind, tail_bytes);
  if (!payload) return payload.error().code;
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(payload->data()), payload->size()),
            kPayload);
  return FaultCode::kCount;
}

std::string changed(size_t offset, char byte) {
  std::string file = framed(kPayload);
  file[offset] = byte;
  return file;
}

TEST(Frame, GivesThePayload) {
  EXPECT_EQ(check(framed(kPayload)), FaultCode::kCount);
  EXPECT_EQ(check(framed(kPayload) + std::string(64, 'x'), layout::Kind::Keys, 64),
            FaultCode::kCount);
}

TEST(Frame, HoldsTheHeaderToItsWord) {
  EXPECT_EQ(check(""), FaultCode::SnapshotCorrupt);
  EXPECT_EQ(check(framed(kPayload), layout::Kind::Apis), FaultCode::SnapshotCorrupt);
  EXPECT_EQ(check(framed(kPayload) + "x"), FaultCode::SnapshotCorrupt);
  EXPECT_EQ(check(changed(0, 'X')), FaultCode::SnapshotCorrupt) << "magic";
  EXPECT_EQ(check(changed(4, 2)), FaultCode::SnapshotUnknownVersion) << "major";
  EXPECT_EQ(check(changed(5, 1)), FaultCode::SnapshotUnknownVersion) << "major, upper byte";
  EXPECT_EQ(check(changed(6, 9)), FaultCode::kCount) << "a newer minor only appends";
  EXPECT_EQ(check(changed(9, 1)), FaultCode::SnapshotCorrupt) << "reserved";
  EXPECT_EQ(check(changed(63, 1)), FaultCode::SnapshotCorrupt) << "reserved tail";
  EXPECT_EQ(check(changed(16, 1)), FaultCode::SnapshotCorrupt) << "length";
  EXPECT_EQ(check(changed(30, 1)), FaultCode::SnapshotCorrupt) << "hash";
  EXPECT_EQ(check(changed(70, 'x')), FaultCode::SnapshotCorrupt) << "payload";
}

TEST(Frame, AStructureMustBeSoundAndOfItsKind) {
  EXPECT_FALSE(check_structure<fbs::Keys>(test::to_bytes(kPayload).view(), fbs::KeysIdentifier()));
  EXPECT_FALSE(check_structure<fbs::Keys>({}, fbs::KeysIdentifier()));
  const auto published = test::publish(test::World().catalog, 1);
  for (const auto& file : published.compiled.fresh) {
    if (file.ref.kind != layout::Kind::Keys) continue;
    const Bytes payload =
        test::to_bytes(std::string_view(file.bytes).substr(sizeof(layout::Header)));
    EXPECT_TRUE(check_structure<fbs::Keys>(payload.view(), fbs::KeysIdentifier()));
    EXPECT_FALSE(check_structure<fbs::Consumers>(payload.view(), fbs::ConsumersIdentifier()));
  }
}

}  // namespace
}  // namespace apim::snapshot
