// Documents: the OpenAPI documents of what is served (schemas/rest/*.yaml), built into the binary.

#pragma once

#include <cstdint>
#include <string_view>

#include "rest/message.h"

namespace apim::rest {

enum class Document : uint8_t { Publisher, Devportal, Admin, Apim };

std::string_view document_text(Document document);
Answer document_answer(Document document);

}  // namespace apim::rest
