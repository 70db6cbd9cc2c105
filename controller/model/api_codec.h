// ApiCodec: WSO2's API document (JSON) <-> model::Api. Pure: no I/O, no clock.
//
// Reads every field of `data` (reference 1.4 to 1.6). Unknown keys are kept in
// `document` and otherwise ignored, as WSO2 does.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/api.h"
#include "model/problem.h"

namespace apim::model {

struct ReadApi {
  Api api;
  std::vector<Warning> warnings;  // one per field that is kept but not enforced
};

// Where a finding's location comes from: a JSON pointer ("/operations/0/verb") -> "api.yaml:31: ".
// May be empty; must not outlive the call.
class Locator {
 public:
  virtual ~Locator() = default;
  virtual std::string locate(const std::string& pointer) const = 0;
};

// Validates and types one API document. Refuses with all findings at once (400, code 900754 "…").
// `locator` may be null. Assigns no ids.
Result<ReadApi> read_api(const nlohmann::json& data, const Locator* locator);

// The document WSO2's REST answers with and export writes: `api.document` with every typed field on
// top.
nlohmann::json write_api(const Api& api);

// "/pizza" + "1.0.0" -> "/pizza/1.0.0"; "/a/{version}/b" -> "/a/1.0.0/b".
std::string expand_context(const std::string& context, const std::string& version);

// The text forms WSO2 uses, both ways.
std::string to_text(Lifecycle lifecycle);  // "PUBLISHED"
std::string to_text(Verb verb);            // "GET"
std::string to_text(AuthType auth);        // "Application & Application User", ...
std::optional<Lifecycle> parse_lifecycle(const std::string& text);
std::optional<Verb> parse_verb(const std::string& text);

}  // namespace apim::model
