import { openStorage } from '../browser/storage.js';
import { SavedPage } from './page.js';

const session = JSON.parse(document.getElementById('session').textContent);
new SavedPage({ root: document.getElementById('chat'), storage: openStorage(), session }).show();
