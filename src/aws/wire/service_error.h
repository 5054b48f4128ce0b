// A service's refusal as an Error: what it said, sorted by what a caller may do about it.
#pragma once

#include <string>

#include "aws/wire/xml.h"
#include "base/result.h"
#include "net/http.h"

namespace tidemark::aws {

// For a response that is not a success: XML of the query protocol or of S3, JSON, or whatever a
// proxy or a load balancer wrote in its place. The error has the service's code, and its message
// within bounds, with the request id that AWS support asks for.
Error service_error(const net::HttpResponse& response);

// The answer of a successful call. Fails with the service's error, also when it comes with status
// 200 as S3 does; and with unavailable when the answer is no XML, since that is what a connection
// cut short and a captive portal look like.
Result<XmlDocument> read_xml(net::HttpResponse response);

// What the service calls this request, or empty.
std::string request_id_of(const net::Headers& headers);

}  // namespace tidemark::aws
