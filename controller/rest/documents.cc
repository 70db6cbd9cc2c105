#include "rest/documents.h"

namespace apim::rest {

Answer document_answer(Document document) {
  Answer answer;
  answer.type = "application/yaml";
  answer.body = document_text(document);
  return answer;
}

}  // namespace apim::rest
