// Names drawn by a client: ids that make retries safe, and names of workers. Thread-safe.
#ifndef POLYSTEP_CLIENT_CPP_REQUEST_ID_H_
#define POLYSTEP_CLIENT_CPP_REQUEST_ID_H_

#include <string>

namespace polystep::client {

std::string DrawRequestId();   // 128 random bits as hex digits
std::string DrawWorkerName();  // host, process and random digits, at most 128 bytes

}  // namespace polystep::client

#endif  // POLYSTEP_CLIENT_CPP_REQUEST_ID_H_
