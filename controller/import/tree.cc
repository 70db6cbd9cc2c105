#include "import/tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <sstream>

#include "import/encoding.h"
#include "import/tree_builder.h"

namespace apim::import {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kUnreadable = 900754;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_one_of(const std::string& text, std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [&](const char* choice) { return text == choice; });
}

// [+-] digits, without a zero in front.
bool looks_whole(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), is_digit);
}

// [+-] digits [. digits] [e [+-] digits] with a '.' or an 'e'.
bool looks_fractional(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto digits = [&] {
    const size_t before = text.size();
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    return before - text.size();
  };
  const size_t whole = digits();
  if (whole == 0) return false;
  bool fractional = false;
  if (text.starts_with('.')) {
    fractional = true;
    text.remove_prefix(1);
    digits();
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    fractional = true;
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return fractional && text.empty();
}

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size();
}

OrderedJson typed(const std::string& text) {
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (looks_whole(text)) {
    uint64_t natural = 0;
    int64_t whole = 0;
    if (parse_whole(text, natural)) return natural;
    if (parse_whole(text, whole)) return whole;
  }
  double fraction = 0;
  if (looks_fractional(text) && parse_whole(text, fraction)) return fraction;
  return text;
}

// yaml-cpp's events into the builder.
class YamlEvents : public YAML::EventHandler {
 public:
  explicit YamlEvents(TreeBuilder& builder) : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_)
      throw TreeFault(line_of(mark), "a second document ('---') begins here; write one only");
    seen_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.wants_key()) throw TreeFault(line_of(mark), "a member has no name");
    builder_.scalar(nullptr, line_of(mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.alias(anchor, line_of(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const uint32_t line = line_of(mark);
    if (builder_.wants_key()) {
      if (value == "<<" && tag == "?") {
        throw TreeFault(line, "merge keys ('<<') are not supported; write the fields out");
      }
      builder_.key(value, line);
      return;
    }
    const bool is_plain = tag.empty() || tag == "?";
    if (!is_plain && tag != "!" && !tag.starts_with("tag:yaml.org,2002:")) {
      throw TreeFault(line, fmt::format("the tag '{}' is not supported", tag.substr(0, 100)));
    }
    const bool is_text = tag == "!" || tag == "tag:yaml.org,2002:str";
    OrderedJson json = is_text ? OrderedJson(value) : typed(value);
    if (json.is_number() && json.dump() != value) builder_.spell(value);
    builder_.scalar(std::move(json), line, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder_.begin(false, line_of(mark), anchor);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder_.begin(true, line_of(mark), anchor);
  }
  void OnMapEnd() override { builder_.end(); }

 private:
  static uint32_t line_of(const YAML::Mark& mark) {
    return mark.line < 0 ? 1 : static_cast<uint32_t>(mark.line) + 1;
  }

  TreeBuilder& builder_;
  bool seen_ = false;
};

// Counts lines while nlohmann's reader takes the bytes.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** last_read) : at_(at), last_read_(last_read) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *last_read_ = at_++;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** last_read_;
};

class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonEvents(TreeBuilder& builder, const char* text)
      : builder_(builder), counted_(text), last_read_(text) {}

  const char** last_read() { return &last_read_; }
  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    OrderedJson json = value;
    if (json.dump() != text) builder_.spell(text);
    return scalar(std::move(json));
  }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    builder_.begin(true, line(), 0);
    return true;
  }
  bool end_object() override {
    builder_.end();
    return true;
  }
  bool start_array(std::size_t) override {
    builder_.begin(false, line(), 0);
    return true;
  }
  bool end_array() override {
    builder_.end();
    return true;
  }
  bool key(string_t& value) override {
    builder_.key(value, line());
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string message = error.what();
    // Without the library's own prefix and place.
    const size_t at = message.find(": ");
    if (at != std::string::npos) message.erase(0, at + 2);
    throw TreeFault(line(), "is not JSON: " + message);
  }

 private:
  bool scalar(OrderedJson value) {
    builder_.scalar(std::move(value), line(), 0);
    return true;
  }
  // Of the last byte read: a number ends at the byte behind it, which may be a line break.
  uint32_t line() {
    while (counted_ < last_read_) newlines_ += *counted_++ == '\n';
    return newlines_ + 1;
  }

  TreeBuilder& builder_;
  const char* counted_;
  const char* last_read_;
  uint32_t newlines_ = 0;
};

void read_json(const std::string& text, TreeBuilder& builder) {
  JsonEvents events(builder, text.data());
  const CountingIterator begin(text.data(), events.last_read());
  const CountingIterator end(text.data() + text.size(), events.last_read());
  nlohmann::json::sax_parse(begin, end, &events);
}

void read_yaml(const std::string& text, TreeBuilder& builder) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  YamlEvents events(builder);
  while (parser.HandleNextDocument(events)) {
  }
}

}  // namespace

uint32_t Tree::line_of(std::string pointer) const {
  while (true) {
    const auto found = lines.find(pointer);
    if (found != lines.end()) return found->second;
    if (pointer.empty()) return 1;
    pointer.resize(pointer.rfind('/'));
  }
}

std::string Tree::locate(const std::string& pointer) const {
  return fmt::format("{}:{}: ", file, line_of(pointer));
}

void Tree::restore_spelling() {
  for (const auto& [pointer, text] : spelling) value[OrderedJson::json_pointer(pointer)] = text;
}

Syntax syntax_of(const std::string& file, std::string_view text) {
  if (file.ends_with(".json")) return Syntax::Json;
  if (file.ends_with(".yaml") || file.ends_with(".yml")) return Syntax::Yaml;
  const size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && text[first] == '{' ? Syntax::Json : Syntax::Yaml;
}

model::Problem unreadable(const std::string& file, uint32_t line, const std::string& message) {
  return model::invalid(kUnreadable, "The file cannot be read",
                        {{fmt::format("{}:{}:", file, line), message}});
}

model::Result<Tree> read_tree(std::string_view text, const std::string& file, Syntax syntax,
                              const TreeBounds& bounds) {
  if (text.size() > bounds.bytes_max) {
    return model::refuse(unreadable(
        file, 1,
        fmt::format("is {} bytes long; at most {} are read", text.size(), bounds.bytes_max)));
  }
  ASSIGN_OR_REFUSE(const std::string decoded, decode_utf8(text, file));
  if (decoded.find_first_not_of(" \t\r\n") == std::string::npos) {
    return model::refuse(unreadable(file, 1, "is empty"));
  }
  Tree tree;
  tree.file = file;
  try {
    TreeBuilder builder(tree, bounds);
    if (syntax == Syntax::Json) {
      read_json(decoded, builder);
    } else {
      read_yaml(decoded, builder);
    }
  } catch (const TreeFault& fault) {
    return model::refuse(unreadable(file, fault.line, fault.message));
  } catch (const YAML::Exception& error) {
    const uint32_t line = error.mark.line < 0 ? 1 : static_cast<uint32_t>(error.mark.line) + 1;
    return model::refuse(unreadable(file, line, "is not YAML: " + error.msg));
  }
  return tree;
}

model::Result<Tree> read_tree(std::string_view text, const std::string& file) {
  return read_tree(text, file, syntax_of(file, text));
}

void TreeLocator::replace(const std::string& pointer, const Tree& source,
                          const std::string& source_pointer) {
  replaced_[pointer] = {&source, source_pointer};
}

std::string TreeLocator::locate(const std::string& pointer) const {
  for (std::string at = pointer;; at.resize(at.rfind('/'))) {
    const auto found = replaced_.find(at);
    if (found != replaced_.end()) {
      return found->second.tree->locate(found->second.pointer + pointer.substr(at.size()));
    }
    if (at.empty()) break;
  }
  return tree_->locate(root_ + pointer);
}

std::string escape_pointer(const std::string& key) {
  std::string result;
  for (const char c : key) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace apim::import
