use hearth_sim::*;
fn cpu() -> f64 { let s=std::fs::read_to_string("/proc/thread-self/schedstat").unwrap(); s.split(' ').next().unwrap().parse::<f64>().unwrap()/1e9 }
fn main(){ for (k,l) in [(SceneKind::Street,Light::Day),(SceneKind::FrontDoor,Light::Day),(SceneKind::Garden,Light::Night)] { for (w,h,b) in [(640,360,900_000),(1280,720,2_000_000)] {
 let s=SceneSpec{light:l,seconds:20,..SceneSpec::new(k,w,h,15)}; let sc=Scene::new(s.clone()); let mut p=sc.picture();
 let t=cpu(); for f in 0..100 { sc.draw(f,&mut p);} let d=(cpu()-t)/100.0*1e3;
 let r=Reel::from_scene(ReelSpec::new(s,b)).unwrap(); let t=cpu(); r.complete(); let e=cpu()-t; println!("{k:?} {l:?} {w}x{h}: draw {d:.2} ms, draw+encode {:.0} fps CPU", 300.0/e);
}}}
