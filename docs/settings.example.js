/*
 * What Redlink reads from Node-RED's settings.js. Copy what you need into `module.exports`; all of it may be left out.
 */
module.exports = {
  // Folder for payloads that are too large for the memory. It must be writable, and belong to this Node-RED alone.
  // Left out: `redlink` in the user directory.
  largeMessagesDirectory: '/var/lib/node-red/redlink',

  // A payload with more characters of encoded text than this goes to a file. Left out: 25,000.
  largeMessageThreshold: 25000,

  // Rows that a new store gets in its list of north peers. They are copied when the store is made: changing them
  // here later changes no store. `redistribute` is the tick "pass on".
  northPeers: [
    { address: 'hub.example.com', port: 2000, redistribute: false },
    { address: 'spare.example.com', port: 2000, redistribute: true },
  ],
};
