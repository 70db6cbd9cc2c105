#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "snapshot/verify.h"
#include "snapshot/verify_table.h"

namespace apim::snapshot {
namespace {

// Headers that frame a message or belong to one connection. No plan may touch them.
constexpr std::array<std::string_view, 12> kReservedHeaders{"connection",
                                                            "keep-alive",
                                                            "proxy-connection",
                                                            "proxy-authenticate",
                                                            "te",
                                                            "trailer",
                                                            "upgrade",
                                                            "host",
                                                            "transfer-encoding",
                                                            "proxy-authorization",
                                                            "expect",
                                                            "content-length"};

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  });
}

std::string_view text_or_empty(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view{} : text->string_view();
}

// ----------------------------------------------------------------- plans

Checked<void> check_header_name(std::string_view name) {
  if (!is_token(name)) return meaningless(fmt::format("'{}' is not the name of a header", name));
  for (const std::string_view reserved : kReservedHeaders) {
    if (equals_ignoring_case(name, reserved))
      return meaningless(fmt::format("a plan touches the header {}", name));
  }
  return {};
}

bool is_query_text(std::string_view text) {
  return is_visible(text) && text.find_first_of("&=#") == std::string_view::npos;
}

bool is_path(std::string_view text) {
  return text.starts_with('/') && is_visible(text) &&
         text.find_first_of("?#\\") == std::string_view::npos;
}

Checked<void> check_step(const fbs::PolicyStep& step) {
  const std::string_view name = text_or_empty(step.name());
  const std::string_view value = text_or_empty(step.value());
  switch (step.kind()) {
    case fbs::PolicyKind::SetHeader:
      if (!is_field_value(value))
        return meaningless(fmt::format("the value of header {} has control bytes", name));
      return check_header_name(name);
    case fbs::PolicyKind::RemoveHeader: return check_header_name(name);
    case fbs::PolicyKind::AddQuery:
      if (name.empty() || !is_query_text(name) || !is_query_text(value))
        return meaningless("a query that is not encoded");
      return {};
    case fbs::PolicyKind::RewritePath:
      if (!is_path(value))
        return meaningless(fmt::format("'{}' is not a path to rewrite to", value));
      return {};
    case fbs::PolicyKind::SetMethod:
      if (step.method() > fbs::Method::MAX) return meaningless("a method that is not known");
      return {};
    case fbs::PolicyKind::None: break;
  }
  return meaningless(fmt::format("policy {} is unknown here: update the gateway",
                                 static_cast<uint32_t>(step.kind())));
}

bool is_request_only(fbs::PolicyKind kind) {
  return kind != fbs::PolicyKind::SetHeader && kind != fbs::PolicyKind::RemoveHeader;
}

using Plan = flatbuffers::Vector<flatbuffers::Offset<fbs::PolicyStep>>;

Checked<void> check_plan(const Plan* plan_or_null, bool is_request) {
  if (plan_or_null == nullptr) return {};
  size_t header_edits = 0;
  for (const fbs::PolicyStep* step : *plan_or_null) {
    APIM_CHECK_MEANING(check_step(*step));
    if (!is_request && is_request_only(step->kind()))
      return meaningless("a policy stands in the wrong flow");
    if (!is_request_only(step->kind())) ++header_edits;
  }
  if (header_edits > kPlanHeaderEditsMax)
    return meaningless(
        fmt::format("a plan edits {} headers, at most {} fit", header_edits, kPlanHeaderEditsMax));
  return {};
}

Checked<void> check_operation(const fbs::Operation& operation) {
  if (operation.method() > fbs::Method::MAX) return meaningless("its method is not known");
  if (operation.auth() > fbs::AuthType::MAX) return meaningless("its authType is not known");
  if (operation.target()->size() == 0) return meaningless("it has no target");
  APIM_CHECK_MEANING(check_plan(operation.request(), true));
  APIM_CHECK_MEANING(check_plan(operation.response(), false));
  return check_plan(operation.fault(), false);
}

// --------------------------------------------------------------- matcher

class MatcherCheck {
 public:
  explicit MatcherCheck(const fbs::Api& api)
      : operations_(*api.operations()), matcher_(*api.matcher()) {}

  Checked<void> run() const {
    APIM_CHECK_MEANING(exact());
    APIM_CHECK_MEANING(segments());
    APIM_CHECK_MEANING(templates());
    return wildcards();
  }

 private:
  Checked<void> operation(uint16_t index, fbs::Method method) const {
    if (index >= operations_.size())
      return meaningless(fmt::format("operation {} does not exist", index));
    if (operations_.Get(index)->method() != method)
      return meaningless(fmt::format("operation {} has another method", index));
    return {};
  }

  bool has_text(uint32_t offset, uint16_t length) const {
    return uint64_t{offset} + length <= matcher_.texts()->size();
  }

  Checked<void> exact() const {
    const auto& entries = *matcher_.exact();
    APIM_CHECK_MEANING(check_aligned(entries));
    for (uint32_t i = 0; i < entries.size(); ++i) {
      const fbs::ExactEntry& entry = *entries.Get(i);
      APIM_CHECK_MEANING(operation(entry.operation(), entry.method()));
      const std::string_view target = operations_.Get(entry.operation())->target()->string_view();
      if (entry.hash() != layout::hash_bytes(target))
        return meaningless(fmt::format("{} has a wrong hash", target));
      for (uint32_t j = i; j-- > 0 && entries.Get(j)->hash() == entry.hash();) {
        if (entries.Get(j)->method() == entry.method())
          return meaningless(fmt::format("{} stands twice", target));
      }
    }
    return check_buckets(*matcher_.exact_index(), entries.size(),
                         [&](uint32_t i) { return entries.Get(i)->hash(); });
  }

  Checked<void> segments() const {
    for (const fbs::TemplateSegment* segment : *matcher_.segments()) {
      if (segment->kind() > fbs::SegmentKind::MAX)
        return meaningless("a segment of an unknown kind");
      if (!has_text(segment->text_offset(), segment->text_length()))
        return meaningless("a segment's text lies outside");
      const bool needs_text = segment->kind() == fbs::SegmentKind::Literal ||
                              segment->kind() == fbs::SegmentKind::Mixed;
      if (needs_text && segment->text_length() == 0)
        return meaningless("a segment without its text");
    }
    return {};
  }

  Checked<void> templates() const {
    const auto& segments = *matcher_.segments();
    for (const fbs::TemplateEntry* entry : *matcher_.templates()) {
      APIM_CHECK_MEANING(operation(entry->operation(), entry->method()));
      const uint64_t end = uint64_t{entry->first_segment()} + entry->segment_count();
      if (entry->segment_count() == 0 || end > segments.size())
        return meaningless("a template's segments lie outside");
      for (uint64_t i = entry->first_segment(); i < end; ++i) {
        const bool is_rest =
            segments.Get(static_cast<uint32_t>(i))->kind() == fbs::SegmentKind::Rest;
        const bool may_be_rest = entry->is_open() && i + 1 == end;
        if (is_rest != may_be_rest) return meaningless("a template is open in the wrong place");
      }
    }
    return {};
  }

  Checked<void> wildcards() const {
    const fbs::WildcardEntry* before = nullptr;
    for (const fbs::WildcardEntry* entry : *matcher_.wildcards()) {
      APIM_CHECK_MEANING(operation(entry->operation(), entry->method()));
      if (!has_text(entry->text_offset(), entry->text_length()))
        return meaningless("a wildcard's text lies outside");
      const bool is_sorted = before == nullptr || before->is_suffix() < entry->is_suffix() ||
                             (before->is_suffix() == entry->is_suffix() &&
                              before->text_length() >= entry->text_length());
      if (!is_sorted) return meaningless("wildcards are not sorted");
      if (entry->is_suffix() && entry->text_length() == 0)
        return meaningless("a suffix without its text");
      before = entry;
    }
    return {};
  }

  const flatbuffers::Vector<flatbuffers::Offset<fbs::Operation>>& operations_;
  const fbs::Matcher& matcher_;
};

// ------------------------------------------------------------- endpoints

Checked<void> check_endpoint(const fbs::Endpoint& endpoint) {
  const std::string_view host = endpoint.host()->string_view();
  const std::string_view path = endpoint.path()->string_view();
  if (host.empty() || has_upper_case(host) || !is_visible(host))
    return meaningless(fmt::format("'{}' is not a host", host));
  if (endpoint.port() == 0) return meaningless(fmt::format("endpoint {} has no port", host));
  if (endpoint.authority()->size() == 0 || !is_visible(endpoint.authority()->string_view())) {
    return meaningless(fmt::format("endpoint {} has no authority", host));
  }
  if (!path.empty() && (!is_path(path) || path.ends_with('/'))) {
    return meaningless(fmt::format("endpoint {} has an impossible path '{}'", host, path));
  }
  if (!std::isfinite(endpoint.suspend_factor()) || endpoint.suspend_factor() < 0) {
    return meaningless(fmt::format("endpoint {} has an impossible suspension factor", host));
  }
  return {};
}

Checked<void> check_group(const fbs::EndpointGroup* group_or_null) {
  if (group_or_null == nullptr) return {};
  if (group_or_null->balance() > fbs::Balance::MAX)
    return meaningless("a balance that is not known");
  if (group_or_null->endpoints()->size() == 0) return meaningless("a group of no endpoints");
  for (const fbs::Endpoint* endpoint : *group_or_null->endpoints())
    APIM_CHECK_MEANING(check_endpoint(*endpoint));
  return {};
}

Checked<void> check_cors(const fbs::Cors* cors_or_null) {
  if (cors_or_null == nullptr) return {};
  for (const auto* list :
       {cors_or_null->origins(), cors_or_null->methods(), cors_or_null->headers()}) {
    for (const flatbuffers::String* text : *list) {
      if (!is_visible(text->string_view()))
        return meaningless("a CORS rule with blanks or control bytes");
    }
  }
  return {};
}

Checked<void> check_names(const fbs::Api& api) {
  for (const auto* name : {api.authorization_header(), api.api_key_header()}) {
    if (!is_token(name->string_view()) || has_upper_case(name->string_view())) {
      return meaningless(
          fmt::format("'{}' is not the lower-case name of a header", name->string_view()));
    }
  }
  const std::string_view context = api.context()->string_view();
  if (!context.empty() && !is_path(context))
    return meaningless(fmt::format("'{}' is not a context", context));
  if (api.lifecycle() > fbs::Lifecycle::MAX) return meaningless("its lifecycle state is not known");
  return {};
}

}  // namespace

Checked<void> verify_api(const fbs::Api& api) {
  APIM_CHECK_MEANING(check_names(api));
  uint32_t index = 0;
  for (const fbs::Operation* operation : *api.operations()) {
    if (auto checked = check_operation(*operation); !checked) {
      return meaningless(fmt::format("operation {} ({}): {}", index,
                                     operation->target()->string_view(), checked.error().reason));
    }
    ++index;
  }
  APIM_CHECK_MEANING(MatcherCheck(api).run());
  for (const fbs::Limit* limit : {api.backend_limit_production(), api.backend_limit_sandbox()}) {
    if (limit != nullptr) APIM_CHECK_MEANING(verify_limit(*limit));
  }
  for (const auto* group : {api.production(), api.sandbox()})
    APIM_CHECK_MEANING(check_group(group));
  return check_cors(api.cors());
}

}  // namespace apim::snapshot
