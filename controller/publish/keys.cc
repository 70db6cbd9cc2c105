#include "publish/keys.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "publish/files.h"

namespace apim::publish {
namespace {

using Bytes32 = std::array<uint8_t, 32>;

std::string to_base64(const Bytes32& bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // The terminating zero.
  return text + "\n";
}

Result<Bytes32> from_base64(const std::string& path, std::string_view text) {
  Bytes32 bytes{};
  size_t size = 0;
  const int decoded = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(),
                                        "\r\n ", &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  if (decoded == 0 && size == bytes.size()) return bytes;
  return model::refuse(
      model::internal_error(fmt::format("{} is not the base64 text of 32 bytes", path)));
}

Result<void> check_private(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return model::refuse(file_problem("read", path, errno));
  }
  if ((status.st_mode & 077) == 0) return {};
  return model::refuse(model::internal_error(
      fmt::format("{} can be read by others; make it private: chmod 600 {}", path, path)));
}

}  // namespace

Result<compile::SigningKey> load_or_make_keys(const std::string& directory) {
  const std::string path = directory + "/snapshot.key";
  CHECK_OR_REFUSE(make_directories(directory));
  ASSIGN_OR_REFUSE(const std::string text, read_file(path));
  Bytes32 seed{};
  if (text.empty()) {
    randombytes_buf(seed.data(), seed.size());
    CHECK_OR_REFUSE(replace_file(path, to_base64(seed), 0600));
  } else {
    CHECK_OR_REFUSE(check_private(path));
    ASSIGN_OR_REFUSE(seed, from_base64(path, text));
  }
  const compile::SigningKey key = compile::signing_key_from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  const std::string public_path = directory + "/snapshot.pub";
  const std::string public_text = to_base64(key.public_key);
  ASSIGN_OR_REFUSE(const std::string known, read_file(public_path));
  if (known != public_text) CHECK_OR_REFUSE(replace_file(public_path, public_text));
  return key;
}

Result<compile::PublicKey> load_public_key(const std::string& file) {
  ASSIGN_OR_REFUSE(const std::string text, read_file(file));
  return from_base64(file, text);
}

}  // namespace apim::publish
