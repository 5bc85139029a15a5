export { obtainTimestamp, type Timestamp, type TimestampOptions } from './obtain.js';
export { writeTimestampRequest } from './request.js';
export { readTimestampResponse } from './response.js';
