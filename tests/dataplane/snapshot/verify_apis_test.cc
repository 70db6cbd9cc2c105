// What an API's check promises: its matcher, plans and endpoints can be followed without looking.

#include "snapshot/verify.h"

#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::to_bytes;

// Applies `change` to the first API of the segment the compiler made; "" when it is still good.
template <class Change>
std::string refusal(Change change) {
  static const std::vector<compile::SegmentFile> kFiles =
      test::publish(test::full_world().catalog, 1).compiled.fresh;
  for (const compile::SegmentFile& file : kFiles) {
    if (file.ref.kind != layout::Kind::Apis) continue;
    std::string payload = file.bytes.substr(sizeof(layout::Header));
    change(*flatbuffers::GetMutableRoot<fbs::Apis>(payload.data())
                ->mutable_apis()
                ->GetMutableObject(0));
    const compile::SegmentFile made = compile::make_segment(layout::Kind::Apis, 0, payload);
    const SegmentRef ref{.kind = layout::Kind::Apis,
                         .shard = 0,
                         .shard_bits = 0,
                         .bytes = made.ref.bytes,
                         .digest = made.ref.digest};
    const auto checked = verify_segment(ref, to_bytes(made.bytes).view());
    return checked ? "" : checked.error().reason;
  }
  return "no such segment";
}

template <class Struct>
Struct& row(flatbuffers::Vector<const Struct*>* vector, uint32_t i) {
  return *const_cast<Struct*>(vector->Get(i));
}

TEST(VerifyApis, WhatTheCompilerMadeIsGood) {
  EXPECT_EQ(refusal([](fbs::Api&) {}), "");
}

TEST(VerifyApis, ARefusalNamesTheApi) {
  EXPECT_NE(
      refusal([](fbs::Api& api) {
        api.mutable_operations()->GetMutableObject(3)->mutate_auth(static_cast<fbs::AuthType>(9));
      }).find("api1 1.0.0"),
      std::string::npos);
}

TEST(VerifyApis, Operations) {
  const auto operation = [](fbs::Api& api, uint32_t i) {
    return api.mutable_operations()->GetMutableObject(i);
  };
  EXPECT_NE(refusal([&](fbs::Api& api) {
              operation(api, 3)->mutate_auth(static_cast<fbs::AuthType>(9));
            }),
            "");
  EXPECT_NE(refusal([&](fbs::Api& api) {
              operation(api, 1)->mutate_method(static_cast<fbs::Method>(9));
            }),
            "");
  EXPECT_NE(refusal([&](fbs::Api& api) { operation(api, 1)->mutate_method(fbs::Method::Put); }), "")
      << "the matcher says POST";
}

TEST(VerifyApis, APlanThatEditsMoreHeadersThanThereIsRoomFor) {
  test::World world;
  model::Api& api = world.add_api(1, "long", {test::operation(model::Verb::Get, "/menu")});
  auto& plan = api.operations[0].policies.request;
  for (size_t i = 0; i < kPlanHeaderEditsMax; ++i) {
    plan.push_back(
        {.name = "addHeader",
         .version = "v1",
         .type = "common",
         .parameters = {{"headerName", "X-" + std::to_string(i)}, {"headerValue", "v"}}});
  }
  plan.push_back({.name = "addQueryParam",
                  .version = "v1",
                  .type = "common",
                  .parameters = {{"paramKey", "k"}, {"paramValue", "v"}}});
  const auto files = test::publish(world.catalog, 1).compiled.fresh;
  const auto file =
      std::ranges::find(files, layout::Kind::Apis, [](const auto& each) { return each.ref.kind; });
  ASSERT_NE(file, files.end());
  std::string payload = file->bytes.substr(sizeof(layout::Header));
  fbs::Api& made =
      *flatbuffers::GetMutableRoot<fbs::Apis>(payload.data())->mutable_apis()->GetMutableObject(0);
  EXPECT_TRUE(verify_api(made));
  made.mutable_operations()
      ->GetMutableObject(0)
      ->mutable_request()
      ->GetMutableObject(kPlanHeaderEditsMax)
      ->mutate_kind(fbs::PolicyKind::RemoveHeader);
  const auto checked = verify_api(made);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().reason.find("edits 28 headers"), std::string::npos);
}

TEST(VerifyApis, Plans) {
  const auto step = [](fbs::Api& api) {
    return api.mutable_operations()->GetMutableObject(1)->mutable_request()->GetMutableObject(0);
  };
  EXPECT_NE(
      refusal([&](fbs::Api& api) { step(api)->mutate_kind(static_cast<fbs::PolicyKind>(99)); }),
      "");
  EXPECT_NE(refusal([&](fbs::Api& api) { step(api)->mutate_kind(fbs::PolicyKind::RewritePath); }),
            "")
      << "its value is no path";
  EXPECT_NE(refusal([&](fbs::Api& api) { step(api)->mutable_name()->Mutate(0, ' '); }), "");
  EXPECT_NE(refusal([&](fbs::Api& api) { step(api)->mutable_value()->Mutate(0, '\n'); }), "");
}

TEST(VerifyApis, Matcher) {
  const auto refused = [](auto change) {
    return refusal([&](fbs::Api& api) { change(*api.mutable_matcher()); });
  };
  using M = fbs::Matcher;
  EXPECT_NE(refused([](M& m) { row(m.mutable_exact(), 0).mutate_operation(99); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_exact(), 0).mutate_hash(1); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_exact(), 1) = row(m.mutable_exact(), 0); }), "")
      << "the same twice";
  EXPECT_NE(refused([](M& m) { m.mutable_exact_index()->Mutate(1, 77); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_templates(), 0).mutate_operation(99); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_templates(), 0).mutate_first_segment(UINT32_MAX); }),
            "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_templates(), 0).mutate_segment_count(0); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_templates(), 0).mutate_segment_count(255); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_templates(), 0).mutate_is_open(true); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_segments(), 0).mutate_text_offset(UINT32_MAX); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_segments(), 0).mutate_text_length(0); }), "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_segments(), 0).mutate_kind(fbs::SegmentKind::Rest); }),
            "");
  EXPECT_NE(refused([](M& m) {
              row(m.mutable_segments(), 0).mutate_kind(static_cast<fbs::SegmentKind>(9));
            }),
            "");
  EXPECT_NE(refused([](M& m) { row(m.mutable_wildcards(), 0).mutate_text_length(60'000); }), "");
  EXPECT_NE(refused([](M& m) {
              std::swap(row(m.mutable_wildcards(), 0), row(m.mutable_wildcards(), 1));
            }),
            "");
}

TEST(VerifyApis, Endpoints) {
  const auto endpoint = [](fbs::Api& api) {
    return api.mutable_production()->mutable_endpoints()->GetMutableObject(0);
  };
  EXPECT_NE(refusal([&](fbs::Api& api) { endpoint(api)->mutate_port(0); }), "");
  EXPECT_NE(refusal([&](fbs::Api& api) { endpoint(api)->mutable_host()->Mutate(0, '\r'); }), "");
  EXPECT_NE(refusal([&](fbs::Api& api) { endpoint(api)->mutable_authority()->Mutate(0, ' '); }),
            "");
  EXPECT_NE(refusal([&](fbs::Api& api) { endpoint(api)->mutable_path()->Mutate(0, 'x'); }), "");
}

TEST(VerifyApis, NamesAndLimits) {
  EXPECT_NE(refusal([](fbs::Api& api) { api.mutable_api_key_header()->Mutate(0, ':'); }), "");
  EXPECT_NE(refusal([](fbs::Api& api) { api.mutable_authorization_header()->Mutate(0, 'A'); }), "");
  EXPECT_NE(refusal([](fbs::Api& api) { api.mutable_context()->Mutate(0, 'x'); }), "");
  EXPECT_NE(refusal([](fbs::Api& api) { api.mutate_lifecycle(static_cast<fbs::Lifecycle>(99)); }),
            "");
  EXPECT_NE(
      refusal([](fbs::Api& api) { api.mutable_backend_limit_production()->mutate_unit_time(0); }),
      "");
}

}  // namespace
}  // namespace apim::snapshot
