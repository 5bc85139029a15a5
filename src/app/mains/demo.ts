import { describeFault } from '../../core/errors.js';
import { parseDemoArguments } from '../demo/arguments.js';
import { runDemo } from '../demo/run.js';

runDemo(parseDemoArguments(process.argv.slice(2))).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${describeFault(error)}\n`);
    process.exit(2);
  },
);
