// Access record: whatever clients and back ends put into it, the log gets one line of JSON of at
// most 4 KiB, and a text that was not cut comes back out of it.

#include "observe/access_record.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fuzz/input.h"
#include "observe/escape.h"

namespace {

using apim::fuzz::Input;
using apim::observe::AccessRecord;
using nlohmann::json;

// Replacing what is not UTF-8 and leaving it out differ as soon as there is any.
bool is_utf8(std::string_view text) {
  const json value = std::string(text);
  return value.dump(-1, ' ', false, json::error_handler_t::replace) ==
         value.dump(-1, ' ', false, json::error_handler_t::ignore);
}

// Nothing in it ends the line or moves a terminal's cursor.
void check_one_line(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    assert(byte >= 0x20);
    assert(byte != 0x7f);
  }
}

// A JSON string's inside in exactly `room` bytes.
void check_escape(std::string_view text, size_t room) {
  const auto out = std::make_unique<char[]>(room);
  const auto escaped = apim::observe::escape_json(text, out.get(), room);
  assert(escaped.bytes <= room);
  const std::string inside(out.get(), escaped.bytes);
  check_one_line(inside);
  const json value = json::parse("\"" + inside + "\"", nullptr, false);
  assert(value.is_string());
  if (escaped.complete && is_utf8(text)) assert(value.get<std::string>() == text);
}

void check_appended(std::string_view text) {
  std::string out = "before";
  apim::observe::append_json(out, text);
  assert(out.starts_with("before\""));
  check_one_line(out);
  assert(json::accept(out.substr(6)));
}

// The clock's times end with the year 9999, and a worker's number fits its byte.
AccessRecord record_from(Input& input) {
  constexpr uint64_t kWallMsEnd = 253'402'300'800'000;
  AccessRecord record;
  record.wall_ms = input.number<uint64_t>() % kWallMsEnd;
  record.duration_us = input.number<uint64_t>();
  record.backend_us = input.number<uint64_t>();
  record.request_bytes = input.number<uint64_t>();
  record.response_bytes = input.number<uint64_t>();
  record.epoch = input.number<uint64_t>();
  record.client.high = input.number<uint64_t>();
  record.client.low = input.number<uint64_t>();
  record.application_id = input.number<uint32_t>();
  record.backend_port = input.number<uint16_t>();
  record.status = input.number<uint16_t>();
  const uint16_t fault_count = static_cast<uint16_t>(apim::FaultCode::kCount);
  record.fault = static_cast<apim::FaultCode>(input.number<uint16_t>() % (fault_count + 1));
  record.worker = input.number<uint8_t>();
  const auto flags = input.number<uint8_t>();
  record.has_query = (flags & 1) != 0;
  record.truncated = (flags & 2) != 0;
  for (const auto& text : apim::observe::kAccessTexts) record.*text.member = input.text();
  return record;
}

void check_text(const json& line, const char* name, std::string_view text, bool is_cut) {
  if (text.empty()) {
    assert(!line.contains(name));
    return;
  }
  const auto written = line.at(name).get<std::string>();
  if (!is_utf8(text)) return;
  assert(text.starts_with(written));
  assert(is_cut || written == text);
}

void check_line(const AccessRecord& record) {
  std::vector<char> room(apim::observe::kLineBytesMax);
  const size_t bytes = apim::observe::format_line(record, room.data());
  assert(bytes > 2);
  assert(bytes <= apim::observe::kLineBytesMax);
  assert(room[bytes - 1] == '\n');
  const std::string_view text(room.data(), bytes - 1);
  check_one_line(text);
  const json line = json::parse(text, nullptr, false);
  assert(line.is_object());
  assert(line.at("status") == record.status);
  assert(line.at("epoch") == record.epoch);
  assert(line.at("duration_us") == record.duration_us);
  assert(line.at("time").get<std::string>().size() == 24);
  const bool is_cut = line.contains("truncated");
  assert(is_cut || !record.truncated);
  check_text(line, "request_id", record.request_id, is_cut);
  check_text(line, "method", record.method, is_cut);
  check_text(line, "host", record.host, is_cut);
  check_text(line, "path", record.path, is_cut);
  check_text(line, "api", record.api_name, is_cut);
  check_text(line, "version", record.api_version, is_cut);
  check_text(line, "api_id", record.api_uuid, is_cut);
  check_text(line, "resource", record.resource, is_cut);
  check_text(line, "application", record.application, is_cut);
  check_text(line, "key_type", record.key_type, is_cut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  check_line(record_from(input));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const size_t room : {size_t{0}, size % 7, text.size() / 2, text.size(), text.size() * 6})
    check_escape(text, room);
  check_appended(text);
  return 0;
}
