#include "rest/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace apim::rest {
namespace {

constexpr size_t kPartsMax = 64;
constexpr size_t kHeadBytesMax = 8192;
constexpr int kCodeBadBody = 900700;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

auto bad_multipart(std::string why) {
  return model::refuse(
      model::bad_request(kCodeBadBody, "The multipart body is not valid", std::move(why)));
}

// The value of `name` in "form-data; name=\"file\"; filename=\"a.zip\""; quotes taken off.
std::string attribute(std::string_view header, std::string_view name) {
  size_t at = header.find(';');
  while (at != std::string_view::npos) {
    header.remove_prefix(at + 1);
    size_t equals = header.find('=');
    if (equals == std::string_view::npos) return "";
    const std::string key = lower(trim(header.substr(0, equals)));
    header.remove_prefix(equals + 1);
    std::string value;
    if (header.starts_with('"')) {
      size_t i = 1;
      for (; i < header.size() && header[i] != '"'; ++i) {
        if (header[i] == '\\' && i + 1 < header.size()) ++i;
        value += header[i];
      }
      header.remove_prefix(std::min(i + 1, header.size()));
    } else {
      value = trim(header.substr(0, header.find(';')));
    }
    if (key == name) return value;
    at = header.find(';');
  }
  return "";
}

struct Named {
  std::string name;
  Part part;
};

model::Result<Named> read_part_head(std::string_view head) {
  Named named;
  bool has_disposition = false;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad_multipart("a part's header line has no ':'");
    const std::string name = lower(trim(line.substr(0, colon)));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-type") named.part.type = value;
    if (name == "content-transfer-encoding" && lower(value) != "binary" && lower(value) != "8bit" &&
        lower(value) != "7bit") {
      return bad_multipart(
          fmt::format("a part has the transfer encoding '{}'; send it as binary", value));
    }
    if (name != "content-disposition") continue;
    if (!lower(value).starts_with("form-data")) return bad_multipart("a part is not form-data");
    has_disposition = true;
    named.name = attribute(value, "name");
    named.part.file_name = attribute(value, "filename");
  }
  if (!has_disposition || named.name.empty()) return bad_multipart("a part has no name");
  return named;
}

}  // namespace

model::Result<Parts> parse_multipart(const std::string& content_type, std::string_view body) {
  if (!lower(content_type).starts_with("multipart/form-data")) {
    return model::refuse({.http_status = 415,
                          .code = 900415,
                          .message = "Unsupported media type",
                          .description = "send multipart/form-data"});
  }
  const std::string boundary = attribute(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70)
    return bad_multipart("Content-Type names no boundary of 1 to 70 characters");
  const std::string delimiter = "\r\n--" + boundary;
  // The first delimiter may stand at the very start, without the line end before it.
  size_t at = body.starts_with(std::string_view(delimiter).substr(2)) ? delimiter.size() - 2
                                                                      : body.find(delimiter);
  if (at == std::string_view::npos) return bad_multipart("the boundary does not appear");
  if (!body.starts_with(std::string_view(delimiter).substr(2))) at += delimiter.size();
  Parts parts;
  while (true) {
    std::string_view rest = body.substr(at);
    if (rest.starts_with("--")) return parts;
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    if (!rest.starts_with("\r\n")) return bad_multipart("a boundary is not followed by a line end");
    const size_t head_end = rest.find("\r\n\r\n");
    if (head_end == std::string_view::npos || head_end > kHeadBytesMax)
      return bad_multipart("a part's header does not end");
    if (parts.size() == kPartsMax)
      return bad_multipart(fmt::format("it has more than {} parts", kPartsMax));
    ASSIGN_OR_REFUSE(Named named,
                     read_part_head(head_end == 0 ? "" : rest.substr(2, head_end - 2)));
    const std::string_view content = rest.substr(head_end + 4);
    // An empty part's line end is the one that ends its head.
    size_t end = content.find(delimiter);
    size_t next = end + delimiter.size();
    if (rest.substr(head_end + 2).starts_with(delimiter)) {
      end = 0;
      next = delimiter.size() - 2;
    }
    if (end == std::string_view::npos) return bad_multipart("the closing boundary is missing");
    named.part.content = content.substr(0, end);
    const std::string name = named.name;
    if (!parts.emplace(name, std::move(named.part)).second)
      return bad_multipart(fmt::format("the field '{}' stands twice", name));
    at = static_cast<size_t>(content.data() - body.data()) + next;
  }
}

}  // namespace apim::rest
