import { mount } from 'svelte';
import '../app.css';
import Inspect from './Inspect.svelte';

mount(Inspect, { target: document.getElementById('inspect')! });

// Only where the page came over TLS or from this machine: elsewhere browsers keep no pages.
void navigator.serviceWorker?.register('/inspect-worker.js', { scope: '/inspect' });
