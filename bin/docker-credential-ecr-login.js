#!/usr/bin/env node
// The launcher of the npm package: all there is to do is to load the bundle.
import '../dist/node/main.js';
