#include "rest/fields.h"

namespace apim::rest {
namespace {
constexpr int kCodeInvalid = 900700;
}

Fields::Fields(const nlohmann::json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) findings_.push_back({where_, "must be an object"});
}

const nlohmann::json* Fields::find(const char* name) const {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::place(const std::string& name) const {
  return where_.empty() ? name : where_ + "." + name;
}

void Fields::fail(const std::string& name, const std::string& message) {
  findings_.push_back({place(name), message});
}

std::string Fields::required_text(const char* name) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) {
    fail(name, "is missing");
    return "";
  }
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    fail(name, "must be text that is not empty");
    return "";
  }
  return value->get<std::string>();
}

std::string Fields::text(const char* name, const std::string& otherwise) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->get<std::string>();
  fail(name, "must be text");
  return otherwise;
}

int64_t Fields::number(const char* name, int64_t otherwise) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_number_unsigned() && value->get<uint64_t>() <= INT64_MAX)
    return value->get<int64_t>();
  if (value->is_number_integer() && !value->is_number_unsigned()) return value->get<int64_t>();
  fail(name, "must be a whole number");
  return otherwise;
}

bool Fields::flag(const char* name, bool otherwise) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  fail(name, "must be true or false");
  return otherwise;
}

std::vector<std::string> Fields::texts(const char* name) {
  std::vector<std::string> list;
  const nlohmann::json* value = array(name);
  if (value == nullptr) return list;
  for (const nlohmann::json& item : *value) {
    if (item.is_string()) {
      list.push_back(item.get<std::string>());
    } else {
      fail(name, "must be a list of texts");
      break;
    }
  }
  return list;
}

const nlohmann::json* Fields::object(const char* name) {
  const nlohmann::json* value = find(name);
  if (value == nullptr || value->is_object()) return value;
  fail(name, "must be an object");
  return nullptr;
}

const nlohmann::json* Fields::array(const char* name) {
  const nlohmann::json* value = find(name);
  if (value == nullptr || value->is_array()) return value;
  fail(name, "must be a list");
  return nullptr;
}

void Fields::absorb(Fields&& other) {
  for (model::Finding& finding : other.findings_) findings_.push_back(std::move(finding));
}

model::Result<void> Fields::done(const std::string& message) const {
  if (findings_.empty()) return {};
  return model::refuse(model::invalid(kCodeInvalid, message, findings_));
}

}  // namespace apim::rest
