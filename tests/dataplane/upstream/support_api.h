// Api under test: an fbs::Api with one endpoint group, built by hand.

#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>
#include <vector>

#include "apis_generated.h"
#include "upstream/balance.h"

namespace apim::upstream {

struct EndpointSpec {
  uint64_t key = 1;
  uint32_t suspend_ms = 0;
  uint32_t suspend_max_ms = 0;
  float suspend_factor = 1.0F;
  std::vector<uint32_t> suspend_codes{};
  std::vector<uint32_t> retry_codes{};
  uint16_t retry_count = 0;
  uint32_t retry_delay_ms = 0;
  std::string path{};
};

class ApiUnderTest {
 public:
  // `has_sandbox`: the sandbox group has the same endpoints.
  ApiUnderTest(fbs::Balance balance, const std::vector<EndpointSpec>& specs,
               bool has_sandbox = false) {
    std::vector<flatbuffers::Offset<fbs::Endpoint>> endpoints;
    for (const EndpointSpec& spec : specs) {
      endpoints.push_back(fbs::CreateEndpointDirect(
          builder_, spec.key, false, "127.0.0.1", 80, "back.end:80", spec.path.c_str(), 0,
          spec.suspend_ms, spec.suspend_max_ms, spec.suspend_factor, &spec.suspend_codes,
          &spec.retry_codes, spec.retry_count, spec.retry_delay_ms));
    }
    const auto group = fbs::CreateEndpointGroupDirect(builder_, balance, &endpoints);
    const auto sandbox = fbs::CreateEndpointGroupDirect(builder_, balance, &endpoints);
    const auto text = builder_.CreateString("x");
    const std::vector<uint32_t> index{0, 0};
    const auto matcher =
        fbs::CreateMatcher(builder_, builder_.CreateVector(index),
                           builder_.CreateVectorOfStructs(std::vector<fbs::ExactEntry>{}),
                           builder_.CreateVectorOfStructs(std::vector<fbs::TemplateSegment>{}),
                           builder_.CreateVectorOfStructs(std::vector<fbs::TemplateEntry>{}),
                           builder_.CreateVectorOfStructs(std::vector<fbs::WildcardEntry>{}),
                           builder_.CreateVector(std::vector<uint8_t>{}));
    const auto operations =
        builder_.CreateVector(std::vector<flatbuffers::Offset<fbs::Operation>>{});
    fbs::ApiBuilder api(builder_);
    api.add_id(7);
    for (const auto add :
         {&fbs::ApiBuilder::add_uuid, &fbs::ApiBuilder::add_name, &fbs::ApiBuilder::add_version,
          &fbs::ApiBuilder::add_context, &fbs::ApiBuilder::add_provider,
          &fbs::ApiBuilder::add_tenant, &fbs::ApiBuilder::add_authorization_header,
          &fbs::ApiBuilder::add_api_key_header}) {
      (api.*add)(text);
    }
    api.add_operations(operations);
    api.add_matcher(matcher);
    api.add_production(group);
    if (has_sandbox) api.add_sandbox(sandbox);
    builder_.Finish(api.Finish());
  }

  const fbs::Api& api() const {
    return *flatbuffers::GetRoot<fbs::Api>(builder_.GetBufferPointer());
  }
  const fbs::EndpointGroup& group() const { return *api().production(); }
  Balance::Site site(uint32_t i = 0) const { return {api(), group(), endpoint(i)}; }
  const fbs::Endpoint& endpoint(uint32_t i = 0) const { return *group().endpoints()->Get(i); }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace apim::upstream
